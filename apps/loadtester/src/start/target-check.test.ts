import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { makeSelfSigned } from '../../test/testing/self-signed.ts'
import { TargetServer } from '../../test/testing/target-server.ts'
import type { ScriptConfig } from '../artillery/script-document.ts'
import { ScriptError } from '../script/script-error.ts'
import { checkTargetReachable, TargetError } from './target-check.ts'

const check = (target: string, tls?: unknown, environment: NodeJS.ProcessEnv = {}): Promise<void> => {
  const config: ScriptConfig = tls === undefined ? {} : { tls }
  return checkTargetReachable({ target, document: { config, scenarios: [] } }, { environment })
}

describe('checkTargetReachable', () => {
  let target: TargetServer
  before(async () => {
    target = await TargetServer.start()
  })
  after(() => target.close())

  it('passes if something listens, and sends no request', async () => {
    await check(target.url)
    assert.equal(target.requests, 0)
  })

  for (const [url, says] of [
    ['http://127.0.0.1:9', /the target http:\/\/127\.0\.0\.1:9 can't be reached: nothing is listening there/],
    ['http://nothing.invalid', /its name can't be resolved/],
  ] as const) {
    it(`reports what is wrong with ${url}`, async () => {
      await assert.rejects(check(url), (error) => error instanceof TargetError && says.test(error.message))
    })
  }

  it('reports in plain words that a target does not speak TLS', async () => {
    await assert.rejects(check(target.url.replace('http:', 'https:')), /does not speak TLS \(\w+\); use http:\/\//)
  })

  it('checks the proxy if requests go through one', async () => {
    await check('http://nothing.invalid', undefined, { HTTP_PROXY: target.url })
    await check('https://nothing.invalid', undefined, { HTTPS_PROXY: target.url })
    await assert.rejects(check(target.url, undefined, { HTTP_PROXY: 'http://127.0.0.1:9' }), /the proxy http:/)
  })

  it('names the TLS setting that cannot be used', async () => {
    await assert.rejects(
      check(target.url, { rejectUnauthorized: 'no' }),
      (error) => error instanceof ScriptError && error.field === 'config.tls.rejectUnauthorized',
    )
  })
})

const pair = makeSelfSigned()

describe('checkTargetReachable with TLS', { skip: pair === undefined && 'openssl is not on this machine' }, () => {
  const server = createServer(pair ?? {})
  let url = ''
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => server.close())

  it('does not trust an unknown certificate', async () => {
    await assert.rejects(check(url), /can't be reached: self-signed certificate/)
  })

  for (const [name, tls] of [
    ['its authority', { ca: pair?.cert }],
    ["its authority by Artillery's name", { certificateAuthority: pair?.cert }],
    ['trust in everything', { rejectUnauthorized: false }],
  ] as const) {
    it(`trusts it if the script gives ${name}`, () => check(url, tls))
  }
})
