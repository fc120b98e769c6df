import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AllowedHosts } from './allowed-hosts.ts'

const hosts = new AllowedHosts(['hooks.example.com', '10.1.2.3', '169.254.169.254', 'metadata.google.internal'], '--x')

describe('hosts', () => {
  for (const host of [
    'localhost',
    'a.localhost',
    '127.0.0.1',
    '127.9.9.9',
    '[::1]',
    '::ffff:127.0.0.1',
    'HOOKS.example.com',
    '10.1.2.3',
  ])
    test(`${host} may be contacted`, () => hosts.check(host))
  for (const [host, message] of [
    ['example.com', /only this machine is, unless the emulator is started with --x example\.com/],
    ['10.1.2.4', /not contacted/],
    ['0.0.0.0', /not contacted/],
    ['169.254.169.254', /never contacted/],
    ['::ffff:169.254.169.254', /never contacted/],
    ['::ffff:a9fe:a9fe', /never contacted/],
    ['fe80::1', /never contacted/],
    ['metadata.google.internal', /never contacted/],
  ] as const)
    test(`${host} may not`, () => assert.throws(() => hosts.check(host), { code: 'ERR_HOST_REFUSED', message }))
})

test('a name is refused by the address that it leads to', async () => {
  const none = new AllowedHosts([], '--x')
  const addressOf = (one: AllowedHosts, name: string): Promise<unknown> =>
    new Promise((resolve) => one.lookup(name, {}, (error, address) => resolve(error ?? address)))
  assert.match(String(await addressOf(none, 'localhost')), /^(?:127\.0\.0\.1|::1)$/)
  assert.match(String(await addressOf(none, '10.9.9.9')), /not contacted/)
  assert.match(String(await addressOf(hosts, '169.254.169.254')), /never contacted/)
})
