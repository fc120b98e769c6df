import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Engine, matchesAll, type SelectSeries, type SeriesSamples } from '../src/index.ts'
import { debianRelease, newestRelease, type Release, RunningPrometheus } from '../test/peer/running-prometheus.ts'
import { askEngine, askPrometheus, describeQuestion, type Question } from './ask.ts'
import { compare } from './compare.ts'
import { FUNCTION_QUERIES, NEW_FUNCTION_QUERIES } from './corpus/functions.ts'
import { MISTAKES } from './corpus/mistakes.ts'
import { NEW_OPERATOR_QUERIES, OPERATOR_QUERIES } from './corpus/operators.ts'
import { RandomQueries } from './corpus/random-queries.ts'
import { NEW_SELECTION_QUERIES, SELECTION_QUERIES } from './corpus/selections.ts'
import { differenceOf242 } from './differences-of-2.42.ts'
import { FIRST_MS, LAST_MS, NEWER, NUMBERS } from './fixture.ts'

const SEED = Number(process.env.SEED ?? 7)
const COUNT = Number(process.env.COUNT ?? 1000)
const OLD_QUERIES = [...FUNCTION_QUERIES, ...OPERATOR_QUERIES, ...SELECTION_QUERIES, ...MISTAKES]
const NEW_QUERIES = [...NEW_FUNCTION_QUERIES, ...NEW_OPERATOR_QUERIES, ...NEW_SELECTION_QUERIES]
const PARALLEL = 4

/** Each query as an instant and as a range query; a random one is either of them, at random times. */
function questions({ includesNew }: { readonly includesNew: boolean }): Question[] {
  const written = includesNew ? [...OLD_QUERIES, ...NEW_QUERIES] : OLD_QUERIES
  const atMs = FIRST_MS + 40 * 60_000
  const all = written.flatMap((query): Question[] => [
    { query, startMs: atMs, endMs: atMs, stepMs: 0 },
    { query, startMs: atMs - 20 * 60_000, endMs: atMs, stepMs: 130_000 },
  ])
  const random = new RandomQueries(SEED, { includesNew })
  for (let i = 0; i < COUNT; i++) {
    const query = random.next()
    const startMs = FIRST_MS + random.below((LAST_MS - FIRST_MS) / 1000) * 1000
    const stepMs = random.below(2) * (1 + random.below(300)) * 1000
    all.push({ query, startMs, endMs: startMs + random.below(20) * stepMs, stepMs })
  }
  return all
}

/**
 * The series of a result are ordered only if the whole query is a call of a sorting function, evaluated as an instant
 * query.
 */
function hasOrder({ query, stepMs }: Question): boolean {
  return (
    stepMs === 0 &&
    /^sort(_desc|_by_label|_by_label_desc)?\((?:temperature|requests_total|latency_bucket)[^()]*\)$/.test(query)
  )
}

interface Comparison {
  readonly release: Release | undefined
  readonly name: string
  readonly missing: string
  readonly stored: readonly SeriesSamples[]
  readonly includesNew: boolean
  /** The name of the listed difference that affects a query. */
  readonly listed: (question: Question) => string | undefined
}

const COMPARISONS: readonly Comparison[] = [
  {
    release: newestRelease(),
    name: 'Prometheus 3.16',
    missing: 'Prometheus 3.16 is not built: node tools/peers/src/main.ts prometheus',
    stored: [...NUMBERS, ...NEWER],
    includesNew: true,
    listed: () => undefined,
  },
  {
    release: debianRelease(),
    name: 'Prometheus 2.42',
    missing: "Debian's Prometheus 2.42 is not installed",
    stored: NUMBERS,
    includesNew: false,
    listed: differenceOf242,
  },
]

for (const { release, name, missing, stored, includesNew, listed } of COMPARISONS) {
  describe(`the same samples, the same queries: ${name}`, { skip: release === undefined && missing }, () => {
    const engine = new Engine()
    const select: SelectSeries = (matchers) => stored.filter(({ labels }) => matchesAll(matchers, labels))
    let prometheus: RunningPrometheus | undefined
    after(() => prometheus?.stop())

    test('all have equal results, except for listed differences', { timeout: 600_000 }, async (t) => {
      if (release === undefined) return
      prometheus = await RunningPrometheus.start(release)
      await prometheus.write(stored)
      const { url } = prometheus
      const counts = { bits: 0, near: 0, different: 0 }
      const failures: string[] = []
      const byDifference = new Map<string, number>()
      const waiting = questions({ includesNew })
      const total = waiting.length
      const work = async () => {
        for (let question = waiting.pop(); question !== undefined; question = waiting.pop()) {
          const want = await askPrometheus(url, question)
          const got = askEngine(engine, select, question)
          const agreement = compare(want, got, { texts: includesNew, order: hasOrder(question) })
          counts[agreement.kind] += 1
          if (agreement.kind !== 'different') continue
          const difference = listed(question)
          if (difference === undefined) failures.push(`${describeQuestion(question)}\n${agreement.reason}`)
          else byDifference.set(difference, 1 + (byDifference.get(difference) ?? 0))
        }
      }
      await Promise.all(Array.from({ length: PARALLEL }, work))
      t.diagnostic(
        `SEED=${SEED} COUNT=${COUNT}: ${total} queries, ${counts.bits} equal to the last bit, ${counts.near} to 1e-12`,
      )
      for (const [difference, count] of byDifference) t.diagnostic(`${difference}: ${count}`)
      assert.ok(total >= 2000)
      assert.equal(failures.length, 0, `${failures.length} differ:\n${failures.slice(0, 40).join('\n\n')}`)
    })
  })
}
