import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHostRules, hostnameOf, isLoopbackAddress, isLoopbackHost, isSameOrigin } from './host-rules.ts'

describe('hosts', () => {
  for (const { listen, host, allowed, extra } of [
    { listen: '127.0.0.1', host: 'localhost:8089', allowed: true },
    { listen: '127.0.0.1', host: 'LOCALHOST', allowed: true },
    { listen: '127.0.0.1', host: 'app.localhost:80', allowed: true },
    { listen: 'localhost', host: '127.9.9.9:8089', allowed: true },
    { listen: '::1', host: '[::1]:8089', allowed: true },
    { listen: '127.0.0.1', host: 'evil.example:8089', allowed: false },
    { listen: '127.0.0.1', host: '127.0.0.1.evil.example', allowed: false },
    { listen: '127.0.0.1', host: '192.168.1.9:8089', allowed: false },
    { listen: '127.0.0.1', host: 'cloud-emulator', allowed: false },
    { listen: '127.0.0.1', host: 'localhost/@evil', allowed: false },
    { listen: '127.0.0.1', host: 'localhost:80:80', allowed: false },
    { listen: '127.0.0.1', host: '', allowed: false },
    { listen: '127.0.0.1', host: undefined, allowed: false },
    { listen: '0.0.0.0', host: undefined, allowed: false },
    { listen: '0.0.0.0', host: '192.168.1.9:8089', allowed: true },
    { listen: '::', host: '[2001:db8::1]:8085', allowed: true },
    { listen: '0.0.0.0', host: 'cloud-emulator', allowed: true },
    { listen: '0.0.0.0', host: 'cloud-emulator.demo.svc.cluster.local:8085', allowed: true },
    { listen: '0.0.0.0', host: 'evil.example', allowed: false },
    { listen: '0.0.0.0', host: 'load.example', allowed: true, extra: ['Load.example'] },
    { listen: '0.0.0.0', host: 'svc.load.example', allowed: false, extra: ['load.example'] },
  ]) {
    it(`${allowed ? 'may' : 'may not'} be ${JSON.stringify(host)} behind ${listen}`, () => {
      const rules = createHostRules({ listenHost: listen, allowedHosts: extra ?? [] })
      assert.equal(rules.isHostAllowed(host), allowed)
    })
  }
})

describe('origins', () => {
  for (const [origin, allowed] of [
    [undefined, true],
    ['http://localhost:8089', true],
    ['http://LOCALHOST:8089', true],
    ['http://localhost:9999', false],
    ['https://evil.example', false],
    ['null', false],
    ['not a url', false],
  ] as const) {
    it(`${allowed ? 'may' : 'may not'} be ${origin}`, () =>
      assert.equal(isSameOrigin(origin, 'LocalHost:8089'), allowed))
  }
})

it('loopback addresses and names', () => {
  for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])
    assert.ok(isLoopbackAddress(address), address)
  for (const address of ['10.0.0.1', '128.0.0.1', '::2', '::ffff:10.0.0.1', '', undefined])
    assert.ok(!isLoopbackAddress(address), address)
  for (const host of ['localhost', 'LOCALHOST', 'app.localhost', '127.0.0.1', '[::1]'])
    assert.ok(isLoopbackHost(host), host)
  for (const host of ['localhost.evil.example', 'evil.example', '0.0.0.0', '']) assert.ok(!isLoopbackHost(host), host)
})

it('the name of a Host header', () => {
  assert.deepEqual(['Localhost:80', 'localhost', '[::1]:80', '[::1]', 'a:b:c'].map(hostnameOf), [
    'localhost',
    'localhost',
    '[::1]',
    '[::1]',
    '',
  ])
})
