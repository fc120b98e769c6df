/** Every operator between all types of operands, and every kind of vector matching. */

const ARITHMETIC = ['+', '-', '*', '/', '%', '^', 'atan2'] as const
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const
const SETS = ['and', 'or', 'unless'] as const
const OPERANDS = [
  ['1', '2'],
  ['7', '-3'],
  ['1', '0'],
  ['0', '0'],
  ['NaN', '1'],
  ['Inf', '-Inf'],
  ['-7.5', '2'],
  ['2', '0.5'],
] as const
const PAIRS = [
  ['temperature', '2'],
  ['2', 'temperature'],
  ['temperature', 'NaN'],
  ['temperature', 'temperature'],
  ['temperature', 'temperature{room="hall"}'],
  ['requests_total', 'requests_total offset 5m'],
  ['requests_total', 'nothing'],
  ['nothing', '1'],
  ['zero', 'zero'],
  ['tiny', '1e-300'],
] as const
const MATCHINGS: readonly (readonly [left: string, matching: string, right: string])[] = [
  ['errors_total', 'ignoring (code)', 'requests_total{code="200"}'],
  ['errors_total', 'on (job, instance)', 'requests_total{code="200"}'],
  ['errors_total', 'on (job, instance) group_right ()', 'requests_total'],
  ['requests_total', 'on (job, instance) group_left ()', 'errors_total'],
  ['requests_total', 'on (instance, job) group_left (version)', 'target_info'],
  ['requests_total', 'ignoring (version, code) group_left (version)', 'target_info'],
  ['requests_total', 'on (job) group_left ()', 'sum by (job) (requests_total)'],
  ['sum by (job) (requests_total)', 'on (job) group_right (code)', 'requests_total'],
  ['requests_total', 'on (job)', 'errors_total'],
  ['requests_total', 'on ()', 'errors_total'],
  ['requests_total', 'ignoring (instance)', 'errors_total'],
  ['sum(requests_total)', 'on ()', 'sum(errors_total)'],
  ['requests_total', 'on () group_left ()', 'count(errors_total)'],
  ['requests_total', 'on (nothing) group_left (job)', 'vector(2)'],
  ['errors_total', 'on (job, instance) group_left (code)', 'requests_total{code="200"}'],
]

const product = <A, B>(left: readonly A[], right: readonly B[]): [A, B][] =>
  left.flatMap((a) => right.map((b): [A, B] => [a, b]))

/** Queries that every release supports. */
export const OPERATOR_QUERIES: readonly string[] = [
  ...product(ARITHMETIC, OPERANDS).map(([operator, [left, right]]) => `${left} ${operator} ${right}`),
  ...product(COMPARISONS, OPERANDS).map(([operator, [left, right]]) => `${left} ${operator} bool ${right}`),
  ...product([...ARITHMETIC, ...COMPARISONS], PAIRS).map(([operator, [left, right]]) => `${left} ${operator} ${right}`),
  ...product(COMPARISONS, PAIRS).map(([operator, [left, right]]) => `${left} ${operator} bool ${right}`),
  ...product(['+', '/', '>', '== bool', 'atan2'], MATCHINGS).map(
    ([operator, [left, matching, right]]) => `${left} ${operator} ${matching} ${right}`,
  ),
  ...product(SETS, MATCHINGS.slice(0, 2)).map(
    ([operator, [left, matching, right]]) => `${left} ${operator} ${matching} ${right}`,
  ),
  ...product(SETS, ['', 'on (job)', 'on ()', 'ignoring (code)', 'ignoring (code, instance, job)']).flatMap(
    ([operator, matching]) => [
      `requests_total ${operator} ${matching} errors_total`,
      `errors_total ${operator} ${matching} requests_total{code="500"}`,
      `requests_total ${operator} ${matching} nothing`,
      `nothing ${operator} ${matching} requests_total`,
      `(requests_total > 100) ${operator} ${matching} (requests_total < 300)`,
    ],
  ),
  '2 ^ 3 ^ 2',
  '-2 ^ 2',
  '(-2) ^ 2',
  '-temperature ^ 2',
  '1 + 2 * 3 - 4 / 5 % 6',
  '1 - 2 - 3',
  '2 * 3 % 4',
  '1 < bool 2 == bool 1',
  'temperature > 5 < 20',
  'temperature > bool 5 + 1',
  'requests_total and requests_total > 5 or vector(1)',
  'a or b unless c and d',
  '--temperature',
  '-(-temperature)',
  '+temperature',
  'temperature - -1',
  'sum(requests_total) or vector(0)',
  'requests_total == requests_total',
  'requests_total != bool requests_total',
  '(temperature > 0) * 0 + 1',
]

/** Queries that need a release after 2.42. */
export const NEW_OPERATOR_QUERIES: readonly string[] = [
  ...product([...ARITHMETIC.slice(0, 4), ...COMPARISONS], ['native', 'custom', 'mixed']).flatMap(([operator, of]) => [
    `${of} ${operator} ${of}`,
    `${of} ${operator} 2`,
    `2 ${operator} ${of}`,
    `${of} ${operator} ${of} offset 5m`,
  ]),
  ...product(['</', '>/'], ['native', 'custom', 'temperature', 'mixed']).flatMap(([operator, of]) => [
    `${of} ${operator} 1`,
    `${of} ${operator} 0`,
    `${of} ${operator} -1`,
    `${of} ${operator} Inf`,
  ]),
  ...product(
    ['+', '/', '>', '== bool'],
    [
      'fill (0)',
      'fill_left (1)',
      'fill_right (-1)',
      'fill_left (1) fill_right (2)',
      'on (job, instance) fill (0)',
      'on (job, instance) group_left () fill_right (0)',
      'on (job, instance) group_left () fill (1)',
      'ignoring (code) group_left () fill_left (3)',
    ],
  ).map(([operator, matching]) => `requests_total{job="api"} ${operator} ${matching} errors_total`),
  '-native',
  '-mixed',
  'native + temperature',
  'native and native offset 10m',
  'native * on (job) group_left () (requests_total{instance="a", code="200"} > 0)',
]
