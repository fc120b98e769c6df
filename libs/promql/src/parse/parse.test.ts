import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseQuery, parseSelector } from './parse.ts'
import { ParseError } from './parse-error.ts'
import { prettify } from './printing/prettify.ts'
import { printExpression } from './printing/print.ts'

/** Queries, and how Prometheus 3.16 prints them. */
const PRINTED: readonly (readonly [query: string, printed: string])[] = [
  ['up', 'up'],
  ['up{job="api",instance!~"10\\\\..*"}', 'up{instance!~"10\\\\..*",job="api"}'],
  ['{"http.requests", path="/"}', '{__name__="http.requests",path="/"}'],
  ['-1 ^ 2', '-1 ^ 2'],
  ['2 ^ 3 ^ 2', '2 ^ 3 ^ 2'],
  ['1 + 2 * 3 - 4 / 5 % 6', '1 + 2 * 3 - 4 / 5 % 6'],
  ['a and b or c unless d', 'a and b or c unless d'],
  ['a > bool 1', 'a > bool 1'],
  ['sum by (job, instance) (rate(requests_total[5m]))', 'sum by (job, instance) (rate(requests_total[5m]))'],
  ['sum(rate(requests_total[5m])) without (job)', 'sum without (job) (rate(requests_total[5m]))'],
  ['topk(3, up)', 'topk(3, up)'],
  ['count_values("version", build_info)', 'count_values("version", build_info)'],
  ['a * on (job) group_left (team) b', 'a * on (job) group_left (team) b'],
  ['a / ignoring (code) group_right b', 'a / ignoring (code) group_right () b'],
  ['a + fill (0) b', 'a + fill (0) b'],
  ['a - fill_left (1) fill_right (-2) b', 'a - fill_left (1) fill_right (-2) b'],
  ['fill + fill', 'fill + fill'],
  ['rate(x[5m:30s] @ 1600000000.5 offset -1h)', 'rate(x[5m:30s] @ 1600000000.500 offset -1h)'],
  ['x offset 5m * 2', 'x offset 5m * 2'],
  ['x offset (5m + 1m) ', 'x offset (5m + 1m)'],
  ['x[step() * 2]', 'x[step() * 2]'],
  ['increase(x[1h] anchored)', 'increase(x[1h] anchored)'],
  ['rate(x[max_of(5m, step())] smoothed)', 'rate(x[max_of(5m, step())] smoothed)'],
  ['quantile_over_time(0.9, x[1d12h])', 'quantile_over_time(0.9, x[1d12h])'],
  ['histogram_quantiles(x, "q", 0.5, 0.9)', 'histogram_quantiles(x, "q", 0.5, 0.9)'],
  ['0x1f + 017 + 1_000 + .5e3 + inf', '31 + 15 + 1000 + 500 + +Inf'],
  ['1h30m', '1h30m'],
  ['label_replace(x, "a", "$1", "b", "(.*)")', 'label_replace(x, "a", "$1", "b", "(.*)")'],
  ['x @ start() offset 1w', 'x @ start() offset 1w'],
  ['(((1)))', '(((1)))'],
]

/** Invalid queries, and Prometheus 3.16's messages. */
const REFUSED: readonly (readonly [query: string, message: string])[] = [
  ['', 'unknown position: parse error: no expression found in input'],
  ['(', '1:2: parse error: unclosed left parenthesis'],
  [')', "1:2: parse error: unexpected right parenthesis ')'"],
  ['sum(', '1:5: parse error: unclosed left parenthesis'],
  ['up{', '1:4: parse error: unexpected end of input inside braces'],
  ['up{job}', '1:7: parse error: unexpected "}" in label matching, expected label matching operator'],
  ['up{job=}', '1:8: parse error: unexpected "}" in label matching, expected string'],
  ['up{job=api}', '1:8: parse error: unexpected identifier "api" in label matching, expected string'],
  ['up{job="api" "x"}', '1:14: parse error: unexpected string "\\"x\\"" in label matching, expected "," or "}"'],
  ['up{job=~"("}', '1:4: parse error: error parsing regexp: missing closing ): `(`'],
  ['"open', '1:1: parse error: unterminated quoted string'],
  ['up[5m', '1:6: parse error: unclosed left bracket'],
  [
    'up[]',
    '1:4: parse error: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
  ],
  ['up[0]', '1:4: parse error: duration must be greater than 0'],
  ['up[5m:', '1:7: parse error: unclosed left bracket'],
  ['up[5m]]', "1:7: parse error: unexpected right bracket ']'"],
  [
    'up[5m] offset',
    '1:14: parse error: unexpected end of input in offset, expected number, duration, step(), or range()',
  ],
  ['up @', '1:5: parse error: unexpected end of input in @, expected timestamp'],
  ['up offset 5m offset 5m', '1:1: parse error: offset may not be set multiple times'],
  ['sum(up[5m])', '1:5: parse error: expected type instant vector in aggregation expression, got range vector'],
  ['rate(up)', '1:6: parse error: expected type range vector in call to function "rate", got instant vector'],
  ['rate(up[5m], 2)', '1:1: parse error: expected 1 argument(s) in call to "rate", got 2'],
  ['foo(1)', '1:1: parse error: unknown function with name "foo"'],
  ['1 > 2', '1:3: parse error: comparisons between scalars must use BOOL modifier'],
  ['1 and 2', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
  ['a and on (x) group_left b', '1:1: parse error: no grouping allowed for "and" operation'],
  ['up{job="a"} + "x"', '1:15: parse error: binary expression must contain only scalar and instant vector types'],
  ['sum by (', '1:9: parse error: unclosed left parenthesis'],
  ['topk(up)', '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1'],
  ['sum()', '1:1: parse error: no arguments for aggregate expression provided'],
  ['rate(x[5m],)', '1:11: parse error: trailing commas not allowed in function call args'],
  ['{}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
  ['{a=""}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
  ['up{__name__="down"}', '1:1: parse error: metric name must not be set twice: "up" or "down"'],
  ['a + on (x) group_left (x) b', '1:3: parse error: label "x" must not occur in ON and GROUP clause at once'],
  ['1 + fill (3) up', '1:1: parse error: filling in missing series only allowed between instant vectors'],
  [
    '-"x"',
    '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string"',
  ],
  ['up[5m] offset 1m [5m]', '1:18: parse error: ranges only allowed for vector selectors'],
  ['(a + b)[5m]', '1:8: parse error: ranges only allowed for vector selectors'],
  ['x smoothed anchored', '1:1: parse error: anchored and smoothed modifiers cannot be used together'],
  ['up @ inf', '1:1: parse error: timestamp out of bounds for @ modifier: +Inf'],
  ['5m5x', '1:1: parse error: bad number or duration syntax: "5m5"'],
  ['"\\q"', "1:1: parse error: unknown escape sequence U+0071 'q'"],
  ['a $ b', "1:3: parse error: unexpected character: '$'"],
  ['a = b', '1:3: parse error: unexpected "="'],
  ['a ! b', "1:3: parse error: unexpected character after '!': ' '"],
  ['day_of_week(a, b, c)', '1:1: parse error: expected at most 1 argument(s) in call to "day_of_week", got 3'],
  ['info(up, {__name__="x"}, 3)', '1:1: parse error: expected at most 2 argument(s) in call to "info", got 3'],
  ['absent(up[5m])', '1:8: parse error: expected type instant vector in call to function "absent", got range vector'],
  ['x[1m / 0]', '1:6: parse error: division by zero'],
]

for (const [query, printed] of PRINTED) {
  test(`${query} is printed as Prometheus prints it`, () => {
    assert.equal(printExpression(parseQuery(query)), printed)
    assert.equal(printExpression(parseQuery(printed)), printed)
  })
}

for (const [query, message] of REFUSED) {
  test(`${JSON.stringify(query)} is rejected with Prometheus' message`, () => {
    assert.throws(() => parseQuery(query), { name: 'ParseError', message })
  })
}

test('unquoted names may contain Unicode letters and dots if the option is set', () => {
  const options = { unquotedUtf8Names: true }
  const expression = parseQuery('sum by (service.name) (http.requests{région="eu"})', options)
  const selector = expression.kind === 'aggregation' ? expression.expression : undefined
  assert.equal(selector?.kind === 'vectorSelector' ? selector.name : undefined, 'http.requests')
  assert.throws(() => parseQuery('http.requests'), ParseError)
})

test('experimental features can be disabled', () => {
  assert.throws(() => parseQuery('info(up)', { experimentalFunctions: false }), /function "info" is not enabled/)
  assert.throws(() => parseQuery('limitk(1, up)', { experimentalFunctions: false }), /limitk\(\) is experimental/)
  assert.throws(() => parseQuery('a + fill (0) b', { fillModifiers: false }), /fill modifiers are experimental/)
})

test('an expression that is nested too deeply is rejected instead of crashing the process', () => {
  assert.throws(() => parseQuery('('.repeat(100_000)), /nested more than 500 deep/)
  assert.throws(() => parseQuery('-'.repeat(100_000)), /nested more than 500 deep/)
  assert.throws(() => parseQuery(`a[${'('.repeat(100_000)}`), /nested more than 500 deep/)
  assert.throws(() => parseQuery(`a[${'1 + '.repeat(10_000)}1]`), /durations have more than 500 operators/)
  assert.throws(() => parseQuery(`a${'[5m:1m]'.repeat(20_000)}`), /nested more than 500 deep/)
  assert.throws(() => parseQuery('x'.repeat(300_000)), /query is longer than 250000 characters/)
  assert.throws(() => parseQuery(`${'a or '.repeat(20_000)}a`), /more than 1000 operators in a row/)
})

test('positions are lines and columns in UTF-8 bytes', () => {
  assert.throws(() => parseQuery('"é" +\n"ü" + $'), /^ParseError: 2:8: parse error/)
})

test('a selector has no time modifiers', () => {
  assert.deepEqual(parseSelector('up{job="a"}').matchers.map(String), ['job="a"', '__name__="up"'])
  for (const name of ['sum', 'by', 'offset', 'start', 'and', 'fill', 'a:b'])
    assert.equal(parseSelector(name).name, name)
})

/** Strings that are not a series selector, and Prometheus 3.16's message for them in `match[]`. */
const NO_SELECTORS: readonly (readonly [text: string, message: string])[] = [
  ['', 'unknown position: parse error: unexpected end of input'],
  ['up offset 5m', '1:4: parse error: unexpected <offset>'],
  ['rate(up[5m])', '1:5: parse error: unexpected "("'],
  ['up[5m]', '1:3: parse error: unexpected "["'],
  ['1', '1:1: parse error: unexpected number "1"'],
  ['"x"', '1:1: parse error: unexpected string "\\"x\\""'],
  ['(up)', '1:1: parse error: unexpected "("'],
  ['up @ 1', '1:4: parse error: unexpected <op:@>'],
  ['up up', '1:4: parse error: unexpected identifier "up"'],
  ['on', '1:1: parse error: unexpected <on>'],
  ['-up', '1:1: parse error: unexpected <op:->'],
  ['nan', '1:1: parse error: unexpected number "nan"'],
  ['up{a="b"', '1:9: parse error: unexpected end of input inside braces'],
]
for (const [text, message] of NO_SELECTORS) {
  test(`${JSON.stringify(text)} is not a selector`, () => {
    assert.throws(() => parseSelector(text), { name: 'ParseError', message })
  })
}

test('a long query is split across lines as Prometheus formats it', () => {
  const query =
    'sum by (job) (rate(http_requests_total{code=~"5.."}[5m])) / on (job) sum by (job) (rate(http_requests_total[5m]))'
  assert.equal(
    prettify(parseQuery(query)),
    [
      '  sum by (job) (rate(http_requests_total{code=~"5.."}[5m]))',
      '/ on (job)',
      '  sum by (job) (rate(http_requests_total[5m]))',
    ].join('\n'),
  )
})
