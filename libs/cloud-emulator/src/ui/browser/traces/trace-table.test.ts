import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatClock } from '@node-to-cloud/browser-kit/format/time'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { TraceList, TraceSummary } from '../../../contract/traces.ts'
import type { AppContext } from '../app-context.ts'
import { orderName, shownText, traceTable } from './trace-table.ts'

const NOW_MS = 1_767_323_040_000
const TRACE: TraceSummary = {
  traceId: 't1',
  rootName: 'GET /',
  rootService: 'shop',
  services: ['shop'],
  startMs: NOW_MS,
  durationMs: 12.34,
  spans: 1200,
  errors: 0,
}

function appWith(sort: string): { readonly app: AppContext; readonly set: Record<string, string>[] } {
  const set: Record<string, string>[] = []
  const app: Pick<AppContext, 'route' | 'nowMs' | 'link' | 'setParameters'> = {
    route: () => ({ page: 'traces', parameters: sort === '' ? {} : { sort } }),
    nowMs: () => NOW_MS,
    link: (page, id) => `#/${page}/${id}`,
    setParameters: (parameters) => set.push({ ...parameters }),
  }
  // The table uses only these parts of it.
  return { app: app as AppContext, set }
}

describe('a row of the list', () => {
  const clock = formatClock(NOW_MS)
  const cases: [changes: Partial<TraceSummary>, text: string][] = [
    [{}, `${clock} 12.3 ms shop GET / ok 1,200`],
    [
      { services: ['shop', 'db', ''], path: '/cart', statusCode: 503, errors: 2 },
      `${clock} 12.3 ms shop +1 GET / /cart 503 ✕ 2 failed 1,200`,
    ],
    [
      { rootName: '', rootService: '', services: ['db'], incomplete: true, statusCode: 200 },
      `${clock} 12.3 ms db +1 (no root span) incomplete 200 1,200`,
    ],
  ]
  for (const [changes, text] of cases)
    test(text, () => {
      const list: TraceList = { traces: [{ ...TRACE, ...changes }], services: [], names: [], total: 1 }
      const body = markupOf(traceTable(appWith('').app, list))
        .replace(/<thead>[\s\S]*<\/thead>/, '')
        .replaceAll('</td>', ' ')
      assert.equal(textOf(body), text)
    })
})

test('a click on a heading sorts by it, and a second click in reverse', () => {
  const list: TraceList = { traces: [TRACE], services: [], names: [], total: 1 }
  const chosen = (sort: string): unknown[] => {
    const { app, set } = appWith(sort)
    for (const click of listenersOf(traceTable(app, list), 'click')) click(new Event('click'))
    return set.map((one) => one.sort)
  }
  // Time, then duration.
  assert.deepEqual(chosen(''), ['oldest', 'slowest'])
  assert.deepEqual(chosen('slowest'), ['oldest', 'slowest'])
})

test('orders have names', () => {
  assert.equal(orderName({ column: 1, descending: false }), 'fastest')
  assert.equal(orderName({ column: 5, descending: false }), 'newest')
})

describe('how many of the found traces are shown', () => {
  const points = (count: number) =>
    Array.from({ length: count }, () => ({ traceId: '', name: '', startMs: 0, durationMs: 0, failed: false }))
  const base = { traces: [TRACE], services: [], names: [] }
  const cases: [list: TraceList, text: string][] = [
    [{ ...base, traces: [], total: 0 }, ''],
    [{ ...base, total: 1, plot: { points: points(1), failed: 0, failedShown: 0 } }, '1 trace'],
    [
      { ...base, total: 10_613, arriving: 3, plot: { points: points(1000), failed: 5, failedShown: 5 } },
      '10,613 traces · 1,000 plotted: the slowest, all failed, and an even sample of the others · the slowest 1 listed · 3 more still arriving',
    ],
    [
      { ...base, total: 5000, plot: { points: points(1000), failed: 2000, failedShown: 900 } },
      '5,000 traces · 1,000 plotted: the slowest, 900 of 2,000 failed, and an even sample of the others · the slowest 1 listed',
    ],
  ]
  for (const [list, text] of cases) test(text || 'nothing', () => assert.equal(shownText(list, 'slowest'), text))
})
