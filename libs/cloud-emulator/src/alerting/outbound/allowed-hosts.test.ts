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
    ['[::ffff:a9fe:a9fe]', /never contacted/],
    ['0:0:0:0:0:ffff:a9fe:a9fe', /never contacted/],
    ['::a9fe:a9fe', /never contacted/],
    ['64:ff9b::a9fe:a9fe', /never contacted/],
    ['64:ff9b::6464:64c8', /never contacted/],
    ['2002:a9fe:a9fe::1', /never contacted/],
    ['fe80::1', /never contacted/],
    ['fe80::1%eth0', /never contacted/],
    ['fd00:ec2::254', /never contacted/],
    ['fd20:ce::254', /never contacted/],
    ['100.100.100.200', /never contacted/],
    ['168.63.129.16', /never contacted/],
    ['::', /not contacted/],
    ['::ffff:10.1.2.4', /not contacted/],
    ['metadata.google.internal.', /never contacted/],
    ['METADATA.goog', /never contacted/],
    ['metadata.google.internal', /never contacted/],
  ] as const)
    test(`${host} may not`, () => assert.throws(() => hosts.check(host), { code: 'ERR_HOST_REFUSED', message }))
})

test('a name is rejected by the address that it resolves to', async () => {
  const none = new AllowedHosts([], '--x')
  const addressOf = (one: AllowedHosts, name: string): Promise<unknown> =>
    new Promise((resolve) => one.lookup(name, {}, (error, address) => resolve(error ?? address)))
  assert.match(String(await addressOf(none, 'localhost')), /^(?:127\.0\.0\.1|::1)$/)
  assert.match(String(await addressOf(none, '10.9.9.9')), /not contacted/)
  for (const form of ['169.254.169.254', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376'])
    assert.match(String(await addressOf(hosts, form)), /never contacted/, form)
})
