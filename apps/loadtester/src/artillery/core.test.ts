import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { artilleryVersion, loadArtilleryCore } from './core.ts'

describe("Artillery's core", () => {
  it('is the exact release that it is built on, in package.json and on the disk', () => {
    const require = createRequire(import.meta.url)
    const { dependencies } = require('../../package.json') as { dependencies: Record<string, string> }
    assert.equal(dependencies.artillery, artilleryVersion)
    assert.equal((require('artillery/package.json') as { version: string }).version, artilleryVersion)
  })

  it('has every part that is used, and sends no telemetry', async () => {
    const core = await loadArtilleryCore()
    assert.deepEqual(Object.keys(core.engines).sort(), ['http', 'socketio', 'ws'])
    assert.notEqual(process.env.ARTILLERY_DISABLE_TELEMETRY, undefined)
    assert.equal(process.env.WORKER_ID, undefined)
    assert.equal(core.engineUtil.template('{{ name }}!', { vars: { name: 'x' }, funcs: {} }), 'x!')
    assert.equal(
      core.validateScript({ config: { target: 'http://t' }, scenarios: [{ flow: [{ get: { url: '/' } }] }] }),
      undefined,
    )
    assert.match(
      core.validateScript({ config: { target: 'http://t' }, scenarios: [{ flow: [{ get: {} }] }] }) ?? '',
      /url/,
    )
  })

  it('gives payloads their readers, and copies the script', async () => {
    const core = await loadArtilleryCore()
    const script = { config: { target: 'http://t', payload: [] }, scenarios: [{ flow: [] }] }
    const prepared = core.prepareScript(script, [{ path: 'x', fields: ['a'], order: 'sequence', data: [[1], [2]] }])
    const payload = prepared.config.payload?.[0]
    assert.deepEqual([payload?.reader?.(payload.data), payload?.reader?.(payload.data)], [[1], [2]])
    assert.notEqual(prepared.scenarios, script.scenarios)
  })
})
