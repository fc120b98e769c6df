import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requestJson, startTestEmulator } from '../../test/testing/running-emulator.ts'
import { START_SECONDS } from '../../test/testing/time-series.ts'

type Attributes = Readonly<Record<string, string>>

interface TestSpan {
  readonly id: string
  readonly parent?: string
  readonly service: string
  readonly kind: 1 | 2 | 3 | 4 | 5
  readonly ms: number
  readonly failed?: boolean
  readonly attributes?: Attributes
}

const list = (attributes: Attributes): object[] =>
  Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }))

function otlp(traceId: string, spans: readonly TestSpan[]): object {
  return {
    resourceSpans: spans.map(({ id, parent, service, kind, ms, failed, attributes = {} }) => ({
      resource: { attributes: list({ 'service.name': service }) },
      scopeSpans: [
        {
          spans: [
            {
              traceId,
              spanId: id.repeat(16),
              ...(parent !== undefined && { parentSpanId: parent.repeat(16) }),
              name: id,
              kind,
              startTimeUnixNano: `${BigInt(START_SECONDS) * 1_000_000_000n}`,
              endTimeUnixNano: `${BigInt(START_SECONDS) * 1_000_000_000n + BigInt(ms) * 1_000_000n}`,
              ...(failed && { status: { code: 2 } }),
              attributes: list(attributes),
            },
          ],
        },
      ],
    })),
  }
}

const [INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER] = [1, 2, 3, 4, 5] as const

describe('the service map', () => {
  const cases: Readonly<Record<string, { spans: readonly TestSpan[]; services: object[]; links: object[] }>> = {
    'a service that calls another one': {
      spans: [
        { id: 'a', service: 'web', kind: SERVER, ms: 100 },
        { id: 'b', parent: 'a', service: 'web', kind: CLIENT, ms: 80, attributes: { 'server.address': 'shop.local' } },
        { id: 'c', parent: 'b', service: 'shop', kind: SERVER, ms: 60, failed: true },
        { id: 'd', parent: 'c', service: 'shop', kind: INTERNAL, ms: 10 },
      ],
      services: [
        { name: 'web', isService: true, calls: 1, errors: 0, meanMs: 100 },
        { name: 'shop', isService: true, calls: 1, errors: 1, meanMs: 60 },
      ],
      links: [{ from: 'web', to: 'shop', calls: 1, errors: 1, meanMs: 60 }],
    },
    'a database, which sends no spans': {
      spans: [
        { id: 'a', service: 'shop', kind: SERVER, ms: 100 },
        { id: 'b', parent: 'a', service: 'shop', kind: CLIENT, ms: 20, attributes: { 'db.system': 'postgresql' } },
        { id: 'c', parent: 'a', service: 'shop', kind: CLIENT, ms: 40, attributes: { 'db.system': 'postgresql' } },
      ],
      services: [
        { name: 'shop', isService: true, calls: 1, errors: 0, meanMs: 100 },
        { name: 'postgresql', isService: false, calls: 2, errors: 0, meanMs: 30 },
      ],
      links: [{ from: 'shop', to: 'postgresql', calls: 2, errors: 0, meanMs: 30 }],
    },
    'a queue between two services, and a span whose parent is missing': {
      spans: [
        { id: 'a', parent: '9', service: 'shop', kind: SERVER, ms: 10 },
        { id: 'b', parent: 'a', service: 'shop', kind: PRODUCER, ms: 5, attributes: { 'messaging.system': 'kafka' } },
        { id: 'c', parent: 'b', service: 'mail', kind: CONSUMER, ms: 30 },
      ],
      services: [
        { name: 'shop', isService: true, calls: 1, errors: 0, meanMs: 10 },
        { name: 'mail', isService: true, calls: 1, errors: 0, meanMs: 30 },
      ],
      links: [{ from: 'shop', to: 'mail', calls: 1, errors: 0, meanMs: 30 }],
    },
    'a span that is its own parent': {
      spans: [{ id: 'a', parent: 'a', service: 'loop', kind: SERVER, ms: 1 }],
      services: [{ name: 'loop', isService: true, calls: 1, errors: 0, meanMs: 1 }],
      links: [],
    },
  }
  for (const [what, { spans, services, links }] of Object.entries(cases))
    test(what, async (context) => {
      const { url } = await startTestEmulator(context)
      const written = await requestJson(`${url}/v1/traces`, { body: otlp('a'.repeat(32), spans) })
      assert.equal(written.status, 200)
      const { json } = await requestJson(`${url}/api/service-map`)
      assert.deepEqual(json, { services, links })
    })

  test('includes only calls in its interval', async (context) => {
    const { url } = await startTestEmulator(context)
    const body = otlp('b'.repeat(32), [{ id: 'a', service: 'web', kind: SERVER, ms: 1 }])
    await requestJson(`${url}/v1/traces`, { body })
    const names = async (start: number) => {
      const { json } = await requestJson(`${url}/api/service-map?start=${(START_SECONDS + start) * 1000}`)
      return json.services.map(({ name }: { name: string }) => name)
    }
    assert.deepEqual([await names(-60), await names(60)], [['web'], []])
  })
})
