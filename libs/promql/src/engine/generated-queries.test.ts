import assert from 'node:assert/strict'
import { test } from 'node:test'
import { growing, selectFrom, storedSeries } from '../../test/stored-series.ts'
import { QueryError } from '../evaluation/query-error.ts'
import { parseQuery } from '../parse/parse.ts'
import { ParseError } from '../parse/parse-error.ts'
import { printExpression } from '../parse/printing/print.ts'
import { Engine } from './engine.ts'

const WORDS =
  '( ) ( ) { } [ ] , : + - * / % ^ == != <= < >= > </ >/ and or unless atan2 bool on ignoring group_left group_right fill by without offset @ ' +
  'sum avg topk quantile count_values limitk rate increase histogram_quantile label_replace absent info max_of start() end() step() range() ' +
  'anchored smoothed a b{x="1"} a[5m] 1 0.5 5m -1 NaN Inf "x" \'y\' `z` "\\x" $ é # = =~ !~ time() vector(1) [1m] [5m:1m] (a) sum(a)'
const QUERIES = 4000

/** Numbers from 0 up to but excluding 1, always the same for a seed. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test('tokens in any order are either a query with a result or rejected as invalid', (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  t.diagnostic(`SEED=${seed}`)
  const random = randomNumbers(seed)
  const words = WORDS.split(' ')
  const store = selectFrom(storedSeries('a{x="1"}', growing(0, 1, 20)), storedSeries('b{x="1"}', growing(0, 2, 20)))
  const engine = new Engine({ maxSamples: 1000, timeoutMs: 10_000 })
  for (let i = 0; i < QUERIES; i++) {
    const length = 1 + Math.floor(random() * 9)
    const query = Array.from({ length }, () => words[Math.floor(random() * words.length)]).join(
      random() < 0.5 ? ' ' : '',
    )
    try {
      const printed = printExpression(parseQuery(query))
      assert.equal(printExpression(parseQuery(printed)), printed, query)
      engine.instant(store, query, 600_000)
      engine.range(store, query, 0, 600_000, 60_000)
    } catch (error) {
      if (error instanceof ParseError || error instanceof QueryError) continue
      throw new Error(`${query}: ${error instanceof Error ? error.stack : String(error)}`)
    }
  }
})
