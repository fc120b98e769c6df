import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type protobuf from 'protobufjs'
import { fromJson, toJson } from './proto-json.ts'
import { registry } from './registry.ts'

const type = (name: string): protobuf.Type => registry.lookupType(name)
const TIME_SERIES = type('google.monitoring.v3.TimeSeries')
const DASHBOARD = type('google.monitoring.dashboard.v1.Dashboard')

/** From JSON to bytes and back. */
function roundTrip(messageType: protobuf.Type, json: unknown): unknown {
  return toJson(messageType, messageType.decode(messageType.encode(fromJson(messageType, json, '')).finish()))
}

describe("a message with protobuf's maximum nesting can be decoded, one that is nested more deeply is rejected", () => {
  /** Nested values, each of which adds two messages, except for the innermost. */
  const nested = (levels: number, wrap: (inner: unknown) => unknown, innermost: unknown): unknown =>
    levels === 0 ? innermost : wrap(nested(levels - 1, wrap, innermost))
  const struct = type('google.protobuf.Struct')
  const anyValue = type('opentelemetry.proto.common.v1.AnyValue')
  const cases: [what: string, type: protobuf.Type, json: (levels: number) => unknown, deepest: number][] = [
    ['objects', struct, (levels) => ({ a: nested(levels, (a) => ({ a }), 'x') }), 49],
    ['lists', struct, (levels) => ({ a: nested(levels, (a) => [a], 'x') }), 49],
    [
      'attributes',
      anyValue,
      (levels) => nested(levels, (one) => ({ arrayValue: { values: [one] } }), { stringValue: 'x' }),
      50,
    ],
  ]
  for (const [what, messageType, json, deepest] of cases)
    test(`${what}: ${deepest} levels`, () => {
      assert.deepEqual(roundTrip(messageType, json(deepest)), json(deepest))
      assert.throws(() => fromJson(messageType, json(deepest + 1), ''), /nested too deeply/)
    })
})

describe('round trips', () => {
  const cases: [what: string, type: protobuf.Type, json: object][] = [
    ['nothing', TIME_SERIES, {}],
    [
      'enums, maps, lists and times',
      TIME_SERIES,
      {
        metric: { type: 'a', labels: { b: 'c', d: '' } },
        metricKind: 'CUMULATIVE',
        valueType: 'INT64',
        points: [
          {
            interval: { startTime: '2026-01-01T00:00:00Z', endTime: '2026-01-01T00:00:00.000000001Z' },
            value: { int64Value: '9223372036854775807' },
          },
        ],
      },
    ],
    [
      'members of a oneof with default values',
      TIME_SERIES,
      {
        points: [
          { value: { doubleValue: 0 } },
          { value: { boolValue: false } },
          { value: { int64Value: '0' } },
          { value: { stringValue: '' } },
        ],
      },
    ],
    [
      'numbers that JSON lacks',
      TIME_SERIES,
      { points: [{ value: { doubleValue: 'NaN' } }, { value: { doubleValue: '-Infinity' } }] },
    ],
    ['a time before 1970', TIME_SERIES, { points: [{ interval: { endTime: '1969-12-31T23:59:59.500Z' } }] }],
    [
      'an Any of a known type',
      TIME_SERIES,
      {
        points: [
          {
            value: {
              distributionValue: {
                exemplars: [
                  {
                    value: 1,
                    attachments: [
                      {
                        '@type': 'type.googleapis.com/google.monitoring.v3.SpanContext',
                        spanName: 'projects/p/traces/t/spans/s',
                      },
                    ],
                  },
                ],
              },
            },
          },
        ],
      },
    ],
    [
      'an Any of an unknown type',
      TIME_SERIES,
      {
        points: [
          {
            value: {
              distributionValue: {
                exemplars: [{ value: 1, attachments: [{ '@type': 'type.googleapis.com/some.Other', value: 'AQI=' }] }],
              },
            },
          },
        ],
      },
    ],
    [
      'a Struct',
      type('google.api.MonitoredResourceMetadata'),
      { systemLabels: { a: 'x', b: 1, c: true, d: null, e: [1, 'two', { f: [] }] } },
    ],
    [
      'durations',
      type('google.monitoring.v3.Aggregation'),
      { alignmentPeriod: '60.500s', perSeriesAligner: 'ALIGN_RATE' },
    ],
    ['a wrapper', type('google.devtools.cloudtrace.v2.Span'), { sameProcessAsParentSpan: true, childSpanCount: 3 }],
    [
      'a dashboard',
      DASHBOARD,
      {
        displayName: 'd',
        gridLayout: {
          columns: '2',
          widgets: [{ title: 't', text: { content: 'c', format: 'MARKDOWN' } }, { blank: {} }],
        },
        labels: { a: '' },
      },
    ],
  ]
  for (const [what, messageType, json] of cases) test(what, () => assert.deepEqual(roundTrip(messageType, json), json))
})

describe('other accepted formats', () => {
  const cases: [what: string, type: protobuf.Type, json: object, same: object][] = [
    ['names as in the definition', TIME_SERIES, { metric_kind: 'GAUGE' }, { metricKind: 'GAUGE' }],
    ['numbers for enums', TIME_SERIES, { metricKind: 3 }, { metricKind: 'CUMULATIVE' }],
    [
      'numbers for 64-bit integers',
      TIME_SERIES,
      { points: [{ value: { int64Value: -5 } }] },
      { points: [{ value: { int64Value: '-5' } }] },
    ],
    [
      'strings for numbers',
      TIME_SERIES,
      { points: [{ value: { doubleValue: '1.5' } }] },
      { points: [{ value: { doubleValue: 1.5 } }] },
    ],
    [
      'enums in lower case, or by number in a string',
      TIME_SERIES,
      { metricKind: 'gauge', valueType: '3' },
      { metricKind: 'GAUGE', valueType: 'DOUBLE' },
    ],
    [
      'whole numbers in other notations',
      TIME_SERIES,
      { points: ['+7', 7e1, '7e2', '7.0'].map((int64Value) => ({ value: { int64Value } })) },
      { points: ['7', '70', '700', '7'].map((int64Value) => ({ value: { int64Value } })) },
    ],
    [
      'whole numbers that a number would round',
      TIME_SERIES,
      { points: [9223372036854775807n, -9007199254740993n].map((int64Value) => ({ value: { int64Value } })) },
      { points: ['9223372036854775807', '-9007199254740993'].map((int64Value) => ({ value: { int64Value } })) },
    ],
    [
      'the same for doubles and untyped values',
      TIME_SERIES,
      { metadata: { systemLabels: { a: 2n ** 60n } }, points: [{ value: { doubleValue: 2n ** 60n } }] },
      { metadata: { systemLabels: { a: 2 ** 60 } }, points: [{ value: { doubleValue: 2 ** 60 } }] },
    ],
    [
      'true and false as strings',
      TIME_SERIES,
      { points: ['True', 'False', 'y', '0'].map((boolValue) => ({ value: { boolValue } })) },
      { points: [true, false, true, false].map((boolValue) => ({ value: { boolValue } })) },
    ],
    [
      'the same for wrappers',
      type('google.devtools.cloudtrace.v2.Span'),
      { sameProcessAsParentSpan: 'True', childSpanCount: '3e0' },
      { sameProcessAsParentSpan: true, childSpanCount: 3 },
    ],
    ['null as missing', TIME_SERIES, { metric: null, points: null }, {}],
    [
      'times in other time zones',
      TIME_SERIES,
      { points: [{ interval: { endTime: '2026-01-01T02:00:00.25+02:00' } }] },
      { points: [{ interval: { endTime: '2026-01-01T00:00:00.250Z' } }] },
    ],
    [
      'a leap day',
      TIME_SERIES,
      { points: [{ interval: { endTime: '2024-02-29t23:59:59z' } }] },
      { points: [{ interval: { endTime: '2024-02-29T23:59:59Z' } }] },
    ],
  ]
  for (const [what, messageType, json, same] of cases)
    test(what, () => assert.deepEqual(roundTrip(messageType, json), same))
})

describe('durations', () => {
  const AGGREGATION = type('google.monitoring.v3.Aggregation')
  const taken: [text: string, same: string][] = [
    ['60s', '60s'],
    ['+60s', '60s'],
    [' 60s', '60s'],
    ['-60s', '-60s'],
    ['1.5s', '1.500s'],
    ['-0.25s', '-0.250s'],
    ['1.s', '1s'],
    ['315576000000s', '315576000000s'],
  ]
  for (const [alignmentPeriod, same] of taken)
    test(`"${alignmentPeriod}"`, () =>
      assert.deepEqual(roundTrip(AGGREGATION, { alignment_period: alignmentPeriod }), { alignmentPeriod: same }))

  const refused: [value: unknown, reason: RegExp][] = [
    ['60', /Field 'alignment_period', Illegal duration format; duration must end with 's'$/],
    ['1m', /duration must end with 's'$/],
    ['s', /failed to parse seconds$/],
    ['.5s', /failed to parse seconds$/],
    ['--1s', /failed to parse seconds$/],
    ['1.1234567890s', /failed to parse nano seconds$/],
    ['315576000001s', /Duration value exceeds limits$/],
    [60, /\(type\.googleapis\.com\/google\.protobuf\.Duration\), 60$/],
  ]
  for (const [alignmentPeriod, message] of refused)
    test(`not ${JSON.stringify(alignmentPeriod)}`, () =>
      assert.throws(() => fromJson(AGGREGATION, { alignmentPeriod }, ''), { code: 'INVALID_ARGUMENT', message }))
})

test('errors have the field in their details', () => {
  const description = "Invalid value at 'x.metric.type' (TYPE_STRING), 5"
  assert.throws(() => fromJson(TIME_SERIES, { metric: { type: 5 } }, 'x'), {
    message: description,
    details: [
      { typeName: 'google.rpc.BadRequest', value: { fieldViolations: [{ field: 'x.metric.type', description }] } },
    ],
  })
})

test('enums by number, if a client requests them', () => {
  const message = fromJson(TIME_SERIES, { metricKind: 'GAUGE', points: [] }, '')
  assert.deepEqual(toJson(TIME_SERIES, message, { enumsAsNumbers: true }), { metricKind: 1 })
})

describe('errors and their paths', () => {
  const cases: [json: unknown, message: RegExp][] = [
    [[], /^Invalid value at 'x' \(type\.googleapis\.com\/google\.monitoring\.v3\.TimeSeries\), \[\]$/],
    ['text', /^Invalid value at 'x'/],
    [
      { points: [{ value: { int64Value: '1.5' } }] },
      /^Invalid value at 'x\.points\[0\]\.value\.int64_value' \(TYPE_INT64\), "1\.5"$/,
    ],
    [{ points: [{ value: { int64Value: '9223372036854775808' } }] }, /\(TYPE_INT64\), "9223372036854775808"$/],
    [{ points: [{ value: { int64Value: 2n ** 63n } }] }, /\(TYPE_INT64\), "9223372036854775808"$/],
    [{ points: [{ value: { doubleValue: 'much' } }] }, /\(TYPE_DOUBLE\), "much"$/],
    [{ points: [{ value: { doubleValue: Number.POSITIVE_INFINITY } }] }, /\(TYPE_DOUBLE\), "Infinity"$/],
    [
      { metadata: { systemLabels: { a: [Number.POSITIVE_INFINITY] } } },
      /'x\.metadata\.system_labels\.a\[0\]' .*Value\), "Infinity"$/,
    ],
    [{ points: [{ value: { boolValue: 1 } }] }, /\(TYPE_BOOL\), 1$/],
    [{ metric: { labels: { a: 1 } } }, /^Invalid value at 'x\.metric\.labels\[a\]\.value' \(TYPE_STRING\), 1$/],
    [{ metric: { labels: [] } }, /^Invalid value at 'x\.metric\.labels' \(Map\), \[\]$/],
    [
      { points: [{ interval: { endTime: '2026-13-01T00:00:00Z' } }] },
      /google\.protobuf\.Timestamp\), Field 'end_time', Invalid time format: Failed to parse input$/,
    ],
    ...[
      '2026-02-30T00:00:00Z',
      '2026-01-01T24:00:00Z',
      '0000-01-01T00:00:00Z',
      '2026-01-01T00:00:60Z',
      '2026-01-01',
    ].map((endTime): [unknown, RegExp] => [{ points: [{ interval: { endTime } }] }, /Failed to parse input$/]),
    [{ points: [{ interval: { endTime: 5 } }] }, /google\.protobuf\.Timestamp\), 5$/],
    [{ nothing: 1 }, /^Invalid JSON payload received\. Unknown name "nothing" at 'x': Cannot find field\.$/],
    [{ constructor: 1 }, /Unknown name "constructor"/],
    [{ toString: 1 }, /Unknown name "toString"/],
  ]
  for (const [json, message] of cases)
    test(`${message}`, () =>
      assert.throws(() => fromJson(TIME_SERIES, json, 'x'), { code: 'INVALID_ARGUMENT', message }))
})

test('an Any with invalid bytes is written as bytes', () => {
  const exemplar = type('google.api.Distribution.Exemplar')
  const attachments = [
    { type_url: 'type.googleapis.com/google.monitoring.v3.SpanContext', value: new Uint8Array([0xff, 0xff]) },
  ]
  assert.deepEqual(toJson(exemplar, exemplar.create({ value: 1, attachments })), {
    value: 1,
    attachments: [{ '@type': 'type.googleapis.com/google.monitoring.v3.SpanContext', value: '//8=' }],
  })
})
