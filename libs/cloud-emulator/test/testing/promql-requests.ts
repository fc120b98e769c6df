import { randomNumbers } from './random.ts'

/** A request of Prometheus' API, as it is sent. */
export interface PromqlRequest {
  readonly method: 'GET' | 'POST'
  /** After the prefix of the API, with its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

const PATHS = [
  'query',
  'query',
  'query_range',
  'query_range',
  'query_exemplars',
  'format_query',
  'parse_query',
  'series',
  'labels',
  'label/__name__/values',
  'label/job/values',
  'label/not a name/values',
  'label/U__a_2e_b/values',
  'label/%20/values',
  'label/é/values',
  'metadata',
  'status/buildinfo',
]

const QUERIES = [
  'up',
  '1',
  '"a"',
  'up[5m]',
  'up[5m:1m]',
  'rate(up[5m])',
  'rate(up)',
  'sum by (job) (up)',
  'sum(',
  ')',
  '{}',
  '{__name__=~".*"}',
  '{"a.b"}',
  '{a="b"',
  'up{job=~"("}',
  'up offset 1x',
  'up @ end()',
  '-up',
  'vector(1)',
  'time()',
  'scalar(up)',
  'label_replace(up, "a", "$1", "b", "(")',
  'label_replace(vector(1), "~", "x", "", "")',
  'count_values("~", vector(1))',
  'quantile(2, vector(1))',
  'topk(1e30, vector(1))',
  'topk(scalar(up), vector(1))',
  'histogram_quantile(0.9, up)',
  'max_over_time(vector(1)[10d:1s])',
  'absent(nothing{a="b"})',
  'vector(1) and on() vector(2)',
  'vector(1) + on() group_left() (vector(1) or vector(2))',
  '1 +',
  '0x1F',
  'nan + inf',
  'a b',
  '\u0000',
  '"\\x"',
  '\u{1F600}',
  'sum(sum(sum(sum(vector(1)))))',
  '',
  ' ',
  '#',
  'a:b:c{d!="e",f!~"g"}',
  'info(up)',
  'limitk(1, up)',
  'rate(up[5m] smoothed)',
  'max_of(1, 2)',
  'vector(1) + fill(0) up',
  'up[5m*2]',
]
const TIMES = [
  '',
  '0',
  '1767323340',
  '1767323340.123',
  '-1',
  '1e3',
  'x',
  '2026-01-02T03:04:05Z',
  '2026-13-02T03:04:05Z',
  'NaN',
  'Inf',
  '9'.repeat(30),
  '1e400',
  '2026-01-02',
  '0x10',
  ' 1',
  '1_000',
]
const DURATIONS = [
  '',
  '15',
  '15s',
  '0',
  '-1',
  '1m',
  '1.5',
  '1.5s',
  'x',
  'NaN',
  'Inf',
  '1e300',
  '1h1h',
  '5m3h',
  '1ms',
  '0.0001',
  '+5',
  '5 m',
]
const LIMITS = ['', '0', '1', '-1', 'x', '1.5', '9'.repeat(30), '+1', ' 1', '01']
const ANY = ['', 'all', 'true', 'yes', '%', 'a=b&c=d', '💥', 'a'.repeat(3000), "'; DROP TABLE"]

const VALUES: Readonly<Record<string, readonly string[]>> = {
  query: QUERIES,
  'match[]': QUERIES,
  time: TIMES,
  start: TIMES,
  end: TIMES,
  step: DURATIONS,
  // Such a short timeout may expire before anything is evaluated.
  timeout: DURATIONS.filter((text) => text !== '1ms' && text !== '0.0001'),
  lookback_delta: DURATIONS,
  limit: LIMITS,
  limit_per_metric: LIMITS,
  stats: ANY,
  metric: ANY,
  unknown: ANY,
}

/** The required parameters of an endpoint. */
const WANTED: Readonly<Record<string, readonly string[]>> = {
  query: ['query'],
  query_range: ['query', 'start', 'end', 'step'],
  query_exemplars: ['query'],
  format_query: ['query'],
  parse_query: ['query'],
  series: ['match[]'],
}
const GOOD: Readonly<Record<string, string>> = { start: '1767323040', end: '1767323340', step: '60' }

const FORM = 'application/x-www-form-urlencoded'
const TYPES = [FORM, FORM, FORM, FORM, `${FORM}; charset=utf-8`, 'text/plain', 'application/octet-stream', '']
const ODD_BODIES = [
  '',
  '%',
  '%zz=%',
  '&&&',
  '=',
  'query',
  'query=%ff%fe',
  '{"query": "up"}',
  '[',
  'null',
  '\u0000',
  'query=up;time=1',
  'a'.repeat(10_000),
]

/**
 * Random requests of Prometheus' API from a seed: as clients send them, and with unusual parameters, bodies and
 * encodings.
 */
export function* promqlRequests(seed: number, count: number): Generator<PromqlRequest> {
  const random = randomNumbers(seed)
  const pick = <T>(list: readonly T[]): T => {
    const index = Math.floor(random() * list.length)
    const found = list[index]
    if (found === undefined) throw new Error('The list is empty.')
    return found
  }
  for (let i = 0; i < count; i++) {
    const path = pick(PATHS)
    const parameters: [string, string][] = []
    for (const name of WANTED[path] ?? []) {
      if (random() < 0.06) continue
      const good = GOOD[name]
      parameters.push([name, good !== undefined && random() < 0.7 ? good : pick(VALUES[name] ?? ANY)])
    }
    while (random() < 0.4) {
      const name = pick(Object.keys(VALUES))
      parameters.push([name, pick(VALUES[name] ?? ANY)])
    }
    yield encoded(path, parameters, random, pick)
  }
}

function encoded(
  path: string,
  parameters: readonly [string, string][],
  random: () => number,
  pick: <T>(list: readonly T[]) => T,
): PromqlRequest {
  const [inUrl, inBody]: [string[][], string[][]] = [[], []]
  const method = random() < 0.5 ? 'GET' : 'POST'
  for (const parameter of parameters) (method === 'POST' && random() < 0.7 ? inBody : inUrl).push(parameter)
  const query = random() < 0.05 ? pick(['%', 'query=%zz', 'query=up&query=1', '?', '=', '&', 'query']) : formOf(inUrl)
  const target = `${path.split('/').map(encodeOnce).join('/')}${query === '' ? '' : `?${query}`}`
  if (method === 'GET') return { method, path: target, headers: {}, body: undefined }
  const type = random() < 0.8 ? FORM : pick(TYPES)
  const headers = type === '' ? {} : { 'content-type': type }
  return { method, path: target, headers, body: random() < 0.1 ? pick(ODD_BODIES) : formOf(inBody) }
}

function formOf(parameters: readonly string[][]): string {
  return new URLSearchParams(parameters.map(([name = '', value = '']) => [name, value])).toString()
}

/** A part of a path, unless it is already encoded. */
function encodeOnce(part: string): string {
  return part.includes('%') ? part : encodeURIComponent(part)
}
