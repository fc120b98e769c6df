import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bestMatch, type Candidate } from './best-match.ts'

const labelsOf = (labels: Readonly<Record<string, string>>): Map<string, string> => new Map(Object.entries(labels))

interface NamedTarget extends Candidate {
  readonly name: string
}

function target(name: string, labels: Readonly<Record<string, string>>, seenMs = 0): NamedTarget {
  return { name, labels: labelsOf(labels), discoveredLabels: new Map(), seenMs }
}

const SERIES = { __name__: 'up', job: 'api', instance: 'a:1', zone: 'b', code: '200' }
const plain = target('plain', { job: 'api', instance: 'a:1' })

const CASES: readonly {
  readonly title: string
  readonly targets: readonly NamedTarget[]
  readonly series?: Readonly<Record<string, string>>
  readonly ownJobAndInstance?: boolean
  readonly expected: string | undefined
}[] = [
  { title: 'no target', targets: [], expected: undefined },
  { title: 'the only one', targets: [plain], expected: 'plain' },
  {
    title: 'none if a label has another value',
    targets: [target('other', { job: 'api', instance: 'a:2' })],
    expected: undefined,
  },
  {
    title: 'the one with more of the series’ labels',
    targets: [plain, target('zone', { job: 'api', instance: 'a:1', zone: 'b' })],
    expected: 'zone',
  },
  {
    title: 'not one with more labels of which one differs',
    targets: [target('zone', { job: 'api', instance: 'a:1', zone: 'c' }), plain],
    expected: 'plain',
  },
  {
    title: 'of two that share as many, the one with fewer labels that the series lacks',
    targets: [target('path', { job: 'api', instance: 'a:1', path: '/b' }), plain],
    expected: 'plain',
  },
  {
    title: 'a target whose label was dropped by relabelling',
    targets: [target('path', { job: 'api', instance: 'a:1', path: '/b' })],
    expected: 'path',
  },
  {
    title: 'of two equal ones, the one listed last',
    targets: [target('before', { job: 'api', instance: 'a:1' }, 5), target('now', { job: 'api', instance: 'a:1' }, 6)],
    expected: 'now',
  },
  {
    title: 'none if two are equal in all of this',
    targets: [plain, target('twin', { job: 'api', instance: 'a:1' })],
    expected: undefined,
  },
  {
    title: 'a better one after two equal ones',
    targets: [plain, plain, target('zone', { job: 'api', instance: 'a:1', zone: 'b' })],
    expected: 'zone',
  },
  {
    title: 'a worse one after the best does not make it ambiguous',
    targets: [target('zone', { job: 'api', instance: 'a:1', zone: 'b' }), plain, plain],
    expected: 'zone',
  },
  {
    title: 'another job and instance differ',
    targets: [plain],
    series: { ...SERIES, job: 'own', instance: 'own:1' },
    expected: undefined,
  },
  {
    title: 'another job and instance are the exposition’s with honor_labels',
    targets: [target('zone', { job: 'api', instance: 'a:1', zone: 'b' })],
    series: { ...SERIES, job: 'own', instance: 'own:1' },
    ownJobAndInstance: true,
    expected: 'zone',
  },
  {
    title: 'with honor_labels, other labels still have to be equal',
    targets: [target('zone', { job: 'api', instance: 'a:1', zone: 'c' })],
    series: { ...SERIES, job: 'own', instance: 'own:1' },
    ownJobAndInstance: true,
    expected: undefined,
  },
]

for (const { title, targets, series = SERIES, ownJobAndInstance, expected } of CASES) {
  test(`best match: ${title}`, () => {
    const options = ownJobAndInstance === undefined ? {} : { ownJobAndInstance }
    assert.equal(bestMatch(targets, labelsOf(series), options)?.name, expected)
  })
}
