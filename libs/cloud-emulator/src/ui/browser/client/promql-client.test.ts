import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { CompletionContext } from '../metrics/promql/completion.ts'
import { Suggestions } from '../metrics/promql/suggestions.ts'
import { PromqlClient } from './promql-client.ts'

/** Responds by path, and collects the paths. */
function answering(context: TestContext, answers: Readonly<Record<string, Response>>): string[] {
  const asked: string[] = []
  context.mock.method(globalThis, 'fetch', async (path: string) => {
    asked.push(path)
    const [, answer] = Object.entries(answers).find(([part]) => path.includes(part)) ?? []
    if (!answer) throw new TypeError(`there is no response for ${path}`)
    return answer.clone()
  })
  return asked
}
const data = (...all: readonly string[]): Response => Response.json({ data: all })

describe("Prometheus' API", () => {
  it('evaluates an instant query', async (context) => {
    const asked = answering(context, { '/query': Response.json({ data: { resultType: 'scalar', result: [1, '2'] } }) })
    const { data: answer } = await new PromqlClient('p q').instant('up + 1', 1500, AbortSignal.timeout(60_000))
    assert.deepEqual(answer, { resultType: 'scalar', result: [1, '2'] })
    assert.deepEqual(asked, ['/v1/projects/p%20q/location/global/prometheus/api/v1/query?query=up+%2B+1&time=1.5'])
  })
  it('reports the error in a query', async (context) => {
    answering(context, { '/query': Response.json({ error: 'parse error' }, { status: 400 }) })
    const asking = new PromqlClient('p').instant('sum(', 0, AbortSignal.timeout(60_000))
    await assert.rejects(asking, { code: 400, message: 'parse error' })
  })
})

describe('suggestions', () => {
  const words = Response.json({ functions: [{ name: 'rate', signature: 'rate(v)' }], aggregations: ['sum'] })
  const cases: [what: string, place: Omit<CompletionContext, 'from'>, Readonly<Record<string, Response>>, string[]][] =
    [
      [
        'are metrics, aggregations and functions, shortest first',
        { kind: 'name', word: '' },
        { words, __name__: data('up', 'a.b') },
        ['up', 'sum', 'rate'],
      ],
      [
        'are the labels of a metric',
        { kind: 'label', word: '', metric: 'up' },
        { '/labels?match': data('job') },
        ['job'],
      ],
      [
        'are the values of a label',
        { kind: 'value', word: '', label: 'job' },
        { '/label/job/values': data('a"b') },
        ['a\\"b'],
      ],
      ['are empty without a response', { kind: 'label', word: '' }, {}, []],
    ]
  for (const [what, place, answers, texts] of cases)
    it(what, async (context) => {
      answering(context, answers)
      const found = await new Suggestions(new PromqlClient('p')).at({ from: 0, ...place })
      assert.deepEqual(
        found.map(({ text }) => text),
        texts,
      )
    })
  it('are requested once in some seconds', async (context) => {
    const asked = answering(context, { '/labels': data('job') })
    const suggestions = new Suggestions(new PromqlClient('p'))
    const place = { kind: 'label', word: '', from: 0 } as const
    await suggestions.at(place)
    await suggestions.at(place)
    assert.equal(asked.length, 1)
  })
})
