import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseApiAddress } from './api-address.ts'

describe('parseApiAddress', () => {
  const cases: readonly [address: string, host: string, port: number, authenticated: boolean][] = [
    ['https://monitoring.googleapis.com:443/', 'monitoring.googleapis.com', 443, true],
    ['https://monitoring.googleapis.com', 'monitoring.googleapis.com', 443, true],
    ['http://127.0.0.1:8086/?auth=false', '127.0.0.1', 8086, false],
    ['https://h:1/?auth=false', 'h', 1, false],
    ['http://h/?auth=false', 'h', 80, false],
    ['http://[::1]:2/?auth=true', '::1', 2, true],
  ]
  for (const [address, host, port, authenticated] of cases) {
    it(`reads ${address}`, () => assert.deepEqual(parseApiAddress(address), { host, port, authenticated }))
  }
  for (const address of ['', 'nowhere', '127.0.0.1:8086', 'ftp://h/', 'http://u:p@h/', 'https://h/v3/', 'h:99999']) {
    it(`refuses ${JSON.stringify(address)}`, () => assert.throws(() => parseApiAddress(address)))
  }
})
