/** Every function with typical and edge-case arguments. */

const VECTORS = [
  'temperature',
  'requests_total',
  'zero',
  'tiny',
  'nothing',
  'temperature{room="kitchen"} - 20',
  'vector(0.5)',
] as const
const RANGES = [
  'requests_total[5m]',
  'temperature[7m30s]',
  'temperature{room="kitchen"}[1h]',
  'latency_count[45s]',
  'errors_total[10m] offset 3m',
  'zero[5m]',
  'tiny[5m]',
  'nothing[5m]',
  'temperature[10m:1m]',
  'rate(requests_total[2m])[10m:45s]',
] as const
const NUMBERS = ['0', '1', '-1', '0.5', 'NaN', 'Inf', '-Inf'] as const

const OF_VECTOR =
  'abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn sin sinh sort sort_desc sqrt tan tanh timestamp scalar round'.split(
    ' ',
  )
const OF_RANGE =
  'absent_over_time avg_over_time changes count_over_time delta deriv idelta increase irate last_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time'.split(
    ' ',
  )
const DATE_FUNCTION_NAMES = 'days_in_month day_of_month day_of_week day_of_year hour minute month year'.split(' ')
const NEW_OF_RANGE =
  'first_over_time mad_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time integral'.split(
    ' ',
  )
const OF_HISTOGRAM = 'histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar'.split(' ')

const product = <A, B>(left: readonly A[], right: readonly B[]): [A, B][] =>
  left.flatMap((a) => right.map((b): [A, B] => [a, b]))

const DATES = [
  '',
  'seconds',
  'vector(0)',
  'vector(-1)',
  'vector(951782400)',
  'vector(4107542400.9)',
  'seconds offset 10m',
]

/** Queries that every release supports. */
export const FUNCTION_QUERIES: readonly string[] = [
  ...product(OF_VECTOR, VECTORS).map(([name, of]) => `${name}(${of})`),
  ...product(OF_RANGE, RANGES).map(([name, of]) => `${name}(${of})`),
  ...product(DATE_FUNCTION_NAMES, DATES).map(([name, of]) => `${name}(${of})`),
  ...product(['clamp_min', 'clamp_max'], NUMBERS).map(([name, number]) => `${name}(temperature, ${number})`),
  ...product(NUMBERS, NUMBERS).map(([low, high]) => `clamp(temperature, ${low}, ${high})`),
  ...NUMBERS.map((number) => `round(temperature, ${number})`),
  ...['0.1', '10', '0.25', '1e3', '-3', '1e-9'].map((number) => `round(temperature * 1.337, ${number})`),
  ...product(
    ['0', '0.5', '0.9', '0.99', '1', '1.5', '-1', 'NaN', 'Inf', '-Inf'],
    [
      'latency_bucket',
      'rate(latency_bucket[5m])',
      'sum by (le) (rate(latency_bucket[5m]))',
      'sum by (le, job) (latency_bucket)',
      'latency_bucket{le!="+Inf"}',
      'latency_count',
      'nothing',
    ],
  ).map(([q, of]) => `histogram_quantile(${q}, ${of})`),
  ...product(['0', '0.3', '1', '-0.5', '2', 'NaN'], RANGES).map(([q, of]) => `quantile_over_time(${q}, ${of})`),
  ...product(RANGES, ['0', '60', '-60', '3600', 'NaN', 'Inf']).map(
    ([of, number]) => `predict_linear(${of}, ${number})`,
  ),
  ...['job', '__name__', 'new', 'instance'].flatMap((to) => [
    `label_replace(requests_total, "${to}", "$1", "job", "(.*)")`,
    `label_replace(requests_total, "${to}", "x-$1-$2", "job", "(a)(.*)")`,
    `label_replace(requests_total, "${to}", "\${name}", "job", "(?P<name>.*)b")`,
    `label_replace(requests_total, "${to}", "", "job", ".*")`,
    `label_replace(requests_total, "${to}", "$1", "nothing", "(.*)")`,
    `label_replace(requests_total, "${to}", "$0$$", "code", "2..")`,
    `label_join(requests_total, "${to}", "-", "job", "instance")`,
    `label_join(requests_total, "${to}", "", "job")`,
    `label_join(requests_total, "${to}", "/")`,
    `label_join(requests_total, "${to}", ", ", "code", "nothing", "job")`,
  ]),
  ...['1', '-1', 'time()', 'NaN', 'Inf', 'scalar(temperature{room="hall"})', 'pi()', '1 / 0', '0 / 0', '-0'].flatMap(
    (number) => [`vector(${number})`, number, `-(${number})`, `+(${number})`],
  ),
  ...[
    'up',
    'up{job="a"}',
    'up{job=~"a"}',
    'up{job="a",job="b"}',
    'nothing{a="b", c!="d"}',
    'sum(nothing)',
    'rate(nothing[5m])',
    'temperature > 1000',
    'nothing or absent(nothing)',
  ].map((of) => `absent(${of})`),
  'timestamp(timestamp(temperature))',
  'timestamp(-temperature)',
  'timestamp(temperature offset 2m)',
  'timestamp(temperature @ 1700001000)',
  'time() - timestamp(requests_total)',
]

/** Queries that need a release after 2.42. */
export const NEW_FUNCTION_QUERIES: readonly string[] = [
  ...product(NEW_OF_RANGE, [...RANGES, 'native[5m]', 'mixed[10m]']).map(([name, of]) => `${name}(${of})`),
  ...product(OF_RANGE, [
    'native[5m]',
    'native{job="web"}[20m]',
    'custom[5m]',
    'mixed[10m]',
    'native[10m:1m]',
    'aligned_total[5m]',
    'aligned_total[30s]',
    'aligned_total[5m] offset 90s',
  ]).map(([name, of]) => `${name}(${of})`),
  ...product(OF_HISTOGRAM, [
    'native',
    'custom',
    'mixed',
    'temperature',
    'rate(native[5m])',
    'native - native offset 5m',
    'sum(native)',
  ]).map(([name, of]) => `${name}(${of})`),
  ...product(
    ['0', '0.5', '0.99', '1', '2', 'NaN', '-1'],
    ['native', 'rate(native[5m])', 'custom', 'mixed', 'sum(rate(native[5m]))', '-native'],
  ).flatMap(([q, of]) => [`histogram_quantile(${q}, ${of})`]),
  ...product(
    ['0, 1', '-Inf, 0', '0.5, Inf', '1, 1', '2, 1', 'NaN, 1', '-1, 1'],
    ['native', 'rate(native[5m])', 'custom', 'latency_bucket', 'mixed'],
  ).map(([bounds, of]) => `histogram_fraction(${bounds}, ${of})`),
  ...['native', 'latency_bucket', 'custom'].map((of) => `histogram_quantiles(${of}, "q", 0.5, 0.9, 1)`),
  ...product(
    ['rate', 'increase', 'delta', 'changes', 'resets'],
    [
      'requests_total[5m] anchored',
      'requests_total[5m] smoothed',
      'temperature[90s] anchored',
      'errors_total[45s] smoothed',
      'aligned_total[2m] anchored',
      'aligned_total[2m] smoothed',
    ],
  ).map(([name, of]) => `${name}(${of})`),
  'requests_total smoothed',
  'temperature{room="hall"} smoothed offset 1m',
  'avg_over_time(requests_total[5m] anchored)',
  'requests_total[2m] anchored',
  ...product(['double_exponential_smoothing'], RANGES).flatMap(([name, of]) => [
    `${name}(${of}, 0.3, 0.6)`,
    `${name}(${of}, 0, 0.6)`,
    `${name}(${of}, 0.3, 1)`,
  ]),
  ...['requests_total', 'errors_total', 'temperature', 'nothing', 'target_info'].flatMap((of) => [
    `info(${of})`,
    `info(${of}, {version=~".+"})`,
    `info(${of}, {__name__="build_info"})`,
    `info(${of}, {__name__=~".+_info", revision="x"})`,
    `info(${of}, {version="3"})`,
  ]),
  ...['sort_by_label', 'sort_by_label_desc'].flatMap((name) => [
    `${name}(requests_total, "job")`,
    `${name}(requests_total, "code", "instance")`,
    `${name}(latency_bucket, "le")`,
  ]),
  ...product(['max_of', 'min_of'], NUMBERS).map(([name, number]) => `${name}(time(), ${number})`),
  'start()',
  'end()',
  'range()',
  'step()',
  'end() - start()',
  'start_timestamp(temperature)',
]
