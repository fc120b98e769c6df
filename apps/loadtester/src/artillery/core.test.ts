import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { ARTILLERY_VERSION, loadArtilleryCore } from './core.ts'

describe("Artillery's core", () => {
  it('is the pinned release, in package.json and on disk', () => {
    const require = createRequire(import.meta.url)
    const { dependencies } = require('../../package.json') as { dependencies: Record<string, string> }
    assert.equal(dependencies.artillery, ARTILLERY_VERSION)
    assert.equal((require('artillery/package.json') as { version: string }).version, ARTILLERY_VERSION)
  })

  it('has every part in use, and sends no telemetry', async () => {
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

  it('adds readers to payloads, and copies the script', async () => {
    const core = await loadArtilleryCore()
    const script = { config: { target: 'http://t', payload: [] }, scenarios: [{ flow: [] }] }
    const prepared = core.prepareScript(script, [{ path: 'x', fields: ['a'], order: 'sequence', data: [[1], [2]] }])
    const payload = prepared.config.payload?.[0]
    assert.deepEqual([payload?.reader?.(payload.data), payload?.reader?.(payload.data)], [[1], [2]])
    assert.notEqual(prepared.scenarios, script.scenarios)
  })
})
