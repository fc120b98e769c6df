import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileFilter, type FilterSubject, singleMetricType } from './evaluate-filter.ts'
import { FilterError } from './filter-error.ts'
import { parseFilter } from './parse-filter.ts'

const SUBJECT: FilterSubject = {
  project: 'demo-project',
  metricType: 'external.googleapis.com/prometheus/up',
  metricLabels: { status: '200', path: '/a b', empty: '' },
  resourceType: 'k8s_container',
  resourceLabels: { pod_name: 'flask-app-1', location: 'us-central1' },
}

describe('what a filter matches', () => {
  const cases: [filter: string, matches: boolean][] = [
    ['', true],
    ['metric.type = "external.googleapis.com/prometheus/up"', true],
    ["metric.type = 'external.googleapis.com/prometheus/up'", true],
    ['metric.type="external.googleapis.com/prometheus/down"', false],
    ['metric.type = external.googleapis.com/prometheus/up', true],
    ['metric.type:"prometheus"', true],
    ['metric.type != "x"', true],
    ['resource.type = k8s_container', true],
    ['project = "demo-project"', true],
    ['project = other', false],
    ['metric.labels.status = "200"', true],
    ['metric.label.status = 200', true],
    ['metric.label."status" = "200"', true],
    ['metric.labels.path = "/a b"', true],
    ['metric.labels.empty = ""', true],
    ['metric.labels.missing = ""', false],
    ['metric.labels.missing != "x"', true],
    ['metric.labels.status != "200"', false],
    ['metric.labels.status:*', true],
    ['metric.labels.missing:*', false],
    ['metric.labels.constructor:*', false],
    ['metric.labels.status > 199', true],
    ['metric.labels.status >= 200 metric.labels.status <= 200', true],
    ['metric.labels.status < 200', false],
    ['metric.labels.path > 1', false],
    ['resource.labels.pod_name = starts_with("flask")', true],
    ['resource.labels.pod_name = starts_with("app")', false],
    ['resource.labels.pod_name = ends_with("-1")', true],
    ['resource.labels.pod_name = has_substring("app")', true],
    ['resource.labels.pod_name != has_substring("app")', false],
    ['metric.labels.status = one_of("200", "201")', true],
    ['metric.labels.status = one_of("500", "501")', false],
    ['metric.labels.status = monitoring.regex.full_match("2..")', true],
    ['metric.labels.status = monitoring.regex.full_match("2")', false],
    ['resource.labels.pod_name = monitoring.regex.full_match("(?i)FLASK.*")', true],
    ['metric.labels.status = 200 AND resource.type = k8s_container', true],
    ['metric.labels.status = 500 AND resource.type = k8s_container', false],
    ['metric.labels.status = 200 resource.type = k8s_container', true],
    ['metric.labels.status = 500 OR resource.type = k8s_container', true],
    ['NOT metric.labels.status = 500', true],
    ['-metric.labels.status = 200', false],
    ['NOT (metric.labels.status = 200 AND resource.type = k8s_container)', false],
    ['metric.labels.status = 500 AND metric.labels.status = 501 OR resource.type = k8s_container', false],
    ['(metric.labels.status = 500 AND metric.labels.status != 501) OR resource.type = k8s_container', true],
    ['metadata.user_labels.app = "x"', false],
    ['group.id = 12', false],
  ]
  for (const [filter, matches] of cases)
    test(filter === '' ? '(empty)' : filter, () => assert.equal(compileFilter(parseFilter(filter))(SUBJECT), matches))
})

test('regular expressions match in linear time', () => {
  const label = 'a'.repeat(1024)
  for (const pattern of ['(a+)+b', '(a|aa)+b', '(a|a?)+b', '(?:a?){500}a{500}b']) {
    const matches = compileFilter(parseFilter(`metric.labels.a = monitoring.regex.full_match("${pattern}")`))
    const startMs = performance.now()
    assert.equal(matches({ ...SUBJECT, metricLabels: { a: label } }), false)
    // Would take years with backtracking.
    assert.ok(performance.now() - startMs < 10_000, pattern)
  }
})

describe('errors and their positions', () => {
  const cases: [filter: string, position: number, message: RegExp][] = [
    ['metric.type', 11, /Expected one of = != : < > <= >= but found the end/],
    ['metric.type =', 13, /Expected a value, but found the end/],
    ['metric.type = "x', 14, /The string that begins here is not terminated/],
    ['metric.typ = "x"', 0, /Unknown selector "metric\.typ"/],
    ['metric.labels = "x"', 0, /Unknown selector "metric\.labels"/],
    ['resource.type = "x" AND', 23, /Expected a selector such as metric\.type, but found the end/],
    ['resource.type = "x" AND AND', 24, /Unknown selector "AND"/],
    ['(resource.type = "x"', 20, /Expected a closing parenthesis, but found the end/],
    ['resource.type = "x")', 19, /Expected AND, OR or the end, but found "\)"/],
    ['resource.type = begins_with("x")', 16, /Unknown function "begins_with"; known functions: starts_with/],
    ['resource.type = starts_with("x", "y")', 36, /starts_with takes one value, not 2/],
    ['resource.type = starts_with()', 28, /Expected a value for starts_with, but found "\)"/],
    ['resource.type : starts_with("x")', 16, /The function starts_with can only follow = or !=, not :/],
    [
      'resource.type = monitoring.regex.full_match("(")',
      16,
      /"\(" is not a valid RE2 regular expression: .*missing closing \)/,
    ],
    ['resource.type = monitoring.regex.full_match("(?=a)a")', 16, /is not a valid RE2 regular expression: .*`\(\?=`/],
    ['resource.type = monitoring.regex.full_match("(a)\\\\1")', 16, /is not a valid RE2 regular expression: .*`\\1`/],
    [
      'resource.type = monitoring.regex.full_match("(?:(?:a?){500}){2}a{1000}b{1000}c{1000}")',
      16,
      /too large for a regular expression: \d+ steps, at most 4000/,
    ],
    ['resource.type > "x"', 16, /> needs a number, but found "x"/],
    ['resource.type =~ "x"', 14, /but found "=~"/],
    ['resource.type = "x" ; metric.type = "y"', 20, /Unexpected character ";"/],
    ['('.repeat(102), 101, /More than 100 nested parentheses and NOTs/],
    ['NOT '.repeat(5000), 404, /More than 100 nested parentheses and NOTs/],
    ['-'.repeat(20_000), 101, /More than 100 nested parentheses and NOTs/],
    [`metric.type = ${'"'}${'x'.repeat(1000)}${'"'} AND ${'y'.repeat(1000)}`, 1021, /^Unknown selector "y{200}…"/],
    ['x'.repeat(20_001), 20_000, /The filter has 20001 characters; at most 20000/],
    ['metric.type = "a" AND metric.type = "a"', 22, /^The restriction "metric\.type" is used more than once/],
    ['resource.type = b resource.type = c', 18, /^The restriction "resource\.type" is used more/],
    ['metric.type = a AND (resource.type = b AND metric.type = c)', 43, /^The restriction "metric\.type" is used more/],
    [
      '(metric.label.a = b (project = c)) metric.labels."a" = d',
      35,
      /^The restriction "metric\.labels\.a" is used more/,
    ],
    ['metric.labels.a = b AND (metric.type = c OR x = 1) AND metric.label.a = d', 44, /^Unknown selector "x"/],
    ['metric.labels.a = b AND metric.label.a = d', 24, /^The restriction "metric\.labels\.a" is used more/],
    ['metric.labels. = "x"', 15, /Expected a name after the dot/],
  ]
  for (const [filter, position, message] of cases) {
    test(filter.slice(0, 60), () => {
      assert.throws(
        () => compileFilter(parseFilter(filter)),
        (error) => {
          assert.ok(error instanceof FilterError)
          assert.match(error.message, message)
          assert.equal(error.position, position)
          assert.ok(error.message.endsWith(`(at position ${position})`))
          return true
        },
      )
    })
  }
})

describe('the single metric type', () => {
  const cases: [filter: string, type: string | undefined][] = [
    ['metric.type = "a"', 'a'],
    ['metric.type = "a" AND resource.type = "b"', 'a'],
    ['resource.type = "b" metric.type = "a"', 'a'],
    ['metric.type = "a" OR metric.type = "b"', undefined],
    ['metric.type = starts_with("a")', undefined],
    ['metric.type != "a"', undefined],
    ['NOT metric.type = "a"', undefined],
    ['resource.type = "b"', undefined],
    ['', undefined],
  ]
  for (const [filter, type] of cases)
    test(filter === '' ? '(empty)' : filter, () => assert.equal(singleMetricType(parseFilter(filter)), type))
})
