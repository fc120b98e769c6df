import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { ServiceMap } from '../../../contract/traces.ts'
import { serviceMapView } from './service-map.ts'

const MAP: ServiceMap = {
  services: [
    { name: 'shop', isService: true, calls: 1200, errors: 0, meanMs: 12 },
    { name: 'a-service-with-a-very-long-name', isService: true, calls: 1, errors: 1, meanMs: 2500 },
    { name: 'postgres', isService: false, calls: 2, errors: 0, meanMs: 0.5 },
  ],
  links: [
    { from: 'shop', to: 'a-service-with-a-very-long-name', calls: 1, errors: 1, meanMs: 2500 },
    { from: 'a-service-with-a-very-long-name', to: 'postgres', calls: 2, errors: 0, meanMs: 0.5 },
    { from: 'shop', to: 'unknown', calls: 1, errors: 0, meanMs: 1 },
  ],
}

describe('the service map', () => {
  const markup = markupOf(serviceMapView(MAP, (service) => `#/traces?service=${service}`))
  test('has the numbers of each service', () => {
    for (const title of [
      'shop: 1,200 calls, 12 ms on average',
      'a-service-with-a-very-long-name: 1 call, 1 failed, 2.5 s on average',
      'postgres: 2 calls, 500 µs on average',
    ])
      assert.ok(markup.includes(`<title>${title}</title>`), title)
    assert.ok(markup.includes('>a-service-with-a-very-l…</text>'))
  })
  test('services link to their traces, peers without spans do not', () => {
    assert.deepEqual(markup.match(/href=\S+?>/g), [
      'href=#/traces?service=shop>',
      'href=#/traces?service=a-service-with-a-very-long-name>',
    ])
    assert.match(markup, /<g class=map-service map-other>/)
  })
  test('calls are drawn between existing services', () => {
    assert.deepEqual(markup.match(/<title>[^<]+ (?:once|times)/g), [
      '<title>shop calls a-service-with-a-very-long-name once',
      '<title>a-service-with-a-very-long-name calls postgres 2 times',
    ])
    assert.equal(markup.match(/map-link map-failed/g)?.length, 1)
  })
})

test('shows a message if there are no services', () =>
  assert.equal(
    textOf(serviceMapView({ services: [], links: [] }, String)),
    'No services There are no traces in this time range.',
  ))
