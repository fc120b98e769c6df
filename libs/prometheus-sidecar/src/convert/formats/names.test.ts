import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { labelKey, metricName } from './names.ts'

describe('metricName', () => {
  const cases: readonly [name: string, rewritten: string | undefined][] = [
    ['http_requests_total', 'http_requests_total'],
    ['_a__b_', '_a__b_'],
    ['http.server.requests_total', 'http_server_requests_total'],
    ['http.server.request.duration', 'http_server_request_duration'],
    ['a..b', 'a_b'],
    ['.a.', 'a'],
    ['1st', '_1st'],
    ['größe', 'gr_e'],
    ['job:up:sum', 'job:up:sum'],
    ['温度', undefined],
    ['_', undefined],
  ]
  for (const [name, rewritten] of cases) it(`${name}: ${rewritten}`, () => assert.equal(metricName(name), rewritten))
})

describe('labelKey', () => {
  const cases: readonly [name: string, rewritten: string][] = [
    ['code', 'code'],
    ['_private', '_private'],
    ['http.method', 'http_method'],
    ['service/name', 'service_name'],
    ['1st', 'key_1st'],
    ['場所', 'key_'],
  ]
  for (const [name, rewritten] of cases) it(`${name}: ${rewritten}`, () => assert.equal(labelKey(name), rewritten))
})
