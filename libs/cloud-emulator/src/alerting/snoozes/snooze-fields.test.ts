import { policyJson } from '../../../test/testing/alerting-calls.ts'
import { type CallCase, created, refusedBodies, testCalls } from '../../../test/testing/call-cases.ts'
import { timestamp } from '../../../test/testing/time-series.ts'

type Json = Record<string, unknown>

const CREATE = 'POST projects/demo-project/snoozes'
const LIST = 'GET projects/demo-project/snoozes'
const between = (start: number, end: number): Json => ({ startTime: timestamp(start), endTime: timestamp(end) })
const snooze = (changes: Json = {}): Json => ({
  displayName: 's',
  criteria: { policies: ['{policy}'] },
  interval: between(0, 600),
  ...changes,
})
const filtered = (filter: string, policies = ['{policy}']): Json => snooze({ criteria: { policies, filter } })

/** The rules for each field in `snooze.proto`. */
const FIELDS: readonly CallCase[] = [
  {
    what: 'accepts a name of 512 characters',
    call: CREATE,
    body: snooze({ displayName: 'é'.repeat(512) }),
    answer: {},
  },
  { what: 'accepts a start 15 s ago', call: CREATE, body: snooze({ interval: between(-15, 60) }), answer: {} },
  {
    what: 'takes 16 policies',
    call: CREATE,
    body: snooze({ criteria: { policies: Array.from({ length: 16 }, () => '{policy}') } }),
    answer: {},
  },
  {
    what: 'accepts labels of a resource',
    call: CREATE,
    body: filtered('resource.labels.instance_id="1" AND resource.labels.zone="us-central1-a"'),
    answer: { 'criteria.filter': 'resource.labels.instance_id="1" AND resource.labels.zone="us-central1-a"' },
  },
  ...refusedBodies(CREATE, [
    ['a name', snooze({ name: 'projects/demo-project/snoozes/1' }), /snooze\.name /],
    ['no display name', snooze({ displayName: '' }), /snooze\.display_name /],
    ['a display name of 513 characters', snooze({ displayName: 'x'.repeat(513) }), /snooze\.display_name /],
    ['no criteria', snooze({ criteria: undefined }), /snooze\.criteria\.policies /],
    ['no policy', snooze({ criteria: {} }), /snooze\.criteria\.policies /],
    ['17 policies', snooze({ criteria: { policies: Array.from({ length: 17 }, () => '{policy}') } }), /1 to 16/],
    ['a missing policy', snooze({ criteria: { policies: ['{policy}0'] } }), /policies\[0\] .*no such alert policy/],
    [
      'a filter with two policies',
      filtered('resource.labels.a="b"', ['{policy}', '{policy}']),
      /criteria\.filter .*exactly one policy/,
    ],
    ['a filter of a metric', filtered('metric.labels.a="b"'), /criteria\.filter .*resource labels/],
    [
      'a filter with OR',
      filtered('resource.labels.a="b" OR resource.labels.c="d"'),
      /criteria\.filter .*joined by AND/,
    ],
    ['an invalid filter', filtered('resource.labels.a='), /criteria\.filter /],
    ['no interval', snooze({ interval: undefined }), /interval\.start_time .*required/],
    ['no end', snooze({ interval: { startTime: timestamp(0) } }), /interval\.end_time .*required/],
    ['a start 16 s ago', snooze({ interval: between(-16, 60) }), /interval\.start_time .*past/],
    ['an end before the start', snooze({ interval: between(60, 0) }), /interval\.end_time /],
  ]),
]

const CALLS: readonly CallCase[] = [
  {
    what: 'the start of a snooze that has not started can be changed',
    call: 'PATCH {later}?updateMask=interval.start_time,displayName',
    body: { displayName: 'new', interval: between(240, 900) },
    answer: { displayName: 'new', 'interval.startTime': timestamp(240).replace('.000', '') },
  },
  {
    what: 'the end of one that has started can be changed',
    call: 'PATCH {active}?updateMask=interval.endTime',
    body: { interval: between(0, 60) },
    answer: { 'interval.endTime': timestamp(60).replace('.000', '') },
  },
  {
    what: 'the start of one that has started can’t be changed',
    call: 'PATCH {active}?updateMask=interval.start_time',
    body: { interval: between(30, 600) },
    refused: ['FAILED_PRECONDITION', /has begun: only display_name and interval\.end_time/],
  },
  ...(
    [
      ['criteria', {}, /update_mask .*"criteria": display_name, interval\.start_time, interval\.end_time are allowed/],
      ['name', {}, /update_mask .*"name"/],
      ['colour', {}, /update_mask .*"colour"/],
      ['display_name', {}, /snooze\.display_name /],
      ['interval.start_time', { interval: between(-60, 600) }, /interval\.start_time .*past/],
      ['interval.end_time', { interval: between(0, 60) }, /interval\.end_time /],
    ] as [string, Json, RegExp][]
  ).map(
    ([mask, body, message]): CallCase => ({
      what: `rejects the mask ${mask}`,
      call: `PATCH {later}?updateMask=${mask}`,
      body,
      refused: ['INVALID_ARGUMENT', message],
    }),
  ),
  {
    what: 'a list by times',
    call: `${LIST}?filter=${encodeURIComponent(`interval.start_time > "${timestamp(60)}" AND interval.end_time < "${timestamp(3600)}"`)}`,
    answer: { 'snoozes.0.name': '{later}', 'snoozes.1': undefined },
  },
  {
    what: 'for a page size that is not positive the server chooses one',
    call: `${LIST}?pageSize=-1`,
    answer: { nextPageToken: undefined },
  },
  {
    what: 'a list filtered by another field is rejected',
    call: `${LIST}?filter=display_name%3D%22s%22`,
    refused: [
      'INVALID_ARGUMENT',
      /filter .*Expected one of interval\.start_time, interval\.end_time, but found "display_name"/,
    ],
  },
  {
    what: 'snoozes can’t be deleted',
    call: 'DELETE {later}',
    refused: ['UNIMPLEMENTED', /./],
  },
]

testCalls('fields of a snooze', FIELDS, async (emulator) => ({
  policy: await created(emulator, 'alertPolicies', policyJson()),
}))
testCalls('calls about snoozes', CALLS, async (emulator) => {
  const policy = await created(emulator, 'alertPolicies', policyJson())
  const create = (interval: Json): Promise<string> =>
    created(emulator, 'snoozes', { displayName: 's', criteria: { policies: [policy] }, interval })
  return { active: await create(between(0, 600)), later: await create(between(120, 900)) }
})
