import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matchesAny, parseSelector } from './selector.ts'

describe('parseSelector', () => {
  const cases: readonly [selector: string, matching: Record<string, string>[], others: Record<string, string>[]][] = [
    ['up', [{ __name__: 'up' }], [{ __name__: 'upper' }, {}]],
    ['job:up:sum', [{ __name__: 'job:up:sum' }], [{ __name__: 'up' }]],
    ['{job="a"}', [{ job: 'a' }], [{ job: 'b' }, {}]],
    ["{job=~'kubernetes-pods'}", [{ job: 'kubernetes-pods' }], [{ job: 'kubernetes-pods-2' }]],
    ['{job=~"a|b"}', [{ job: 'a' }, { job: 'b' }], [{ job: 'ab' }]],
    ['up{job!="a"}', [{ __name__: 'up', job: 'b' }, { __name__: 'up' }], [{ __name__: 'up', job: 'a' }]],
    ['up{job!~"a.*",}', [{ __name__: 'up', job: 'b' }], [{ __name__: 'up', job: 'abc' }]],
    [' up { a = "b" , c = "" } ', [{ __name__: 'up', a: 'b' }], [{ __name__: 'up', a: 'b', c: 'd' }]],
    ['{a="q\\"\\n"}', [{ a: 'q"\n' }], [{ a: 'q' }]],
    ['{a=`\\d`}', [{ a: '\\d' }], [{ a: '1' }]],
    ['{a=~"[[:digit:]]+"}', [{ a: '12' }], [{ a: ':digit:' }, { a: '1x' }]],
    ['{a=~"\\\\pL+\\\\z"}', [{ a: 'äb' }], [{ a: '1' }, { a: 'p1' }]],
    ['{a=~`\\A(?i)up\\z`}', [{ a: 'UP' }], [{ a: 'Aup' }]],
    ['{a=~`\\Qa.b\\E.*`}', [{ a: 'a.bc' }], [{ a: 'axbc' }]],
    ['{a=~"(?P<x>b|bb)"}', [{ a: 'bb' }], [{ a: 'bbb' }]],
    ['{a="\\x41\\u00e9\\101\\t"}', [{ a: 'AéA\t' }], [{ a: 'x41' }]],
    ['{"http.requests",code="200"}', [{ __name__: 'http.requests', code: '200' }], [{ __name__: 'http.requests' }]],
    ['up{"http.method"=~"G.*"}', [{ __name__: 'up', 'http.method': 'GET' }], [{ __name__: 'up' }]],
    ['{a=~"x.y"}', [{ a: 'x\ny' }], [{ a: 'xy' }]],
  ]
  for (const [selector, matching, others] of cases) {
    it(`reads ${selector}`, () => {
      const parsed = [parseSelector(selector)]
      for (const labels of matching) assert.equal(matchesAny(parsed, new Map(Object.entries(labels))), true)
      for (const labels of others) assert.equal(matchesAny(parsed, new Map(Object.entries(labels))), false)
    })
  }

  it('matches if one of several selectors does', () => {
    const parsed = [parseSelector('up'), parseSelector('{job="a"}')]
    assert.equal(matchesAny(parsed, new Map([['job', 'a']])), true)
    assert.equal(matchesAny(parsed, new Map([['job', 'b']])), false)
  })

  const refused: readonly [selector: string, message: RegExp][] = [
    ['', /selector "": .*unexpected end of input/],
    ['{}', /1:1: parse error: vector selector must contain at least one non-empty matcher/],
    ['{a=""}', /at least one non-empty matcher/],
    ['{a=~".*"}', /at least one non-empty matcher/],
    ['{a}', /1:3: parse error: unexpected "}" in label matching, expected label matching operator/],
    ['{a=b}', /1:4: parse error: unexpected identifier "b" in label matching, expected string/],
    ['{a="b"', /1:7: parse error: unexpected end of input inside braces/],
    ['up[5m]', /1:3: parse error: unexpected "\["/],
    ['up offset 5m', /1:4: parse error: unexpected <offset>/],
    ['rate(up[5m])', /1:5: parse error: unexpected "\("/],
    ['{a=~"("}', /parse error: error parsing regexp: missing closing \): `\(`/],
    ['{a=~"(?=b)"}', /error parsing regexp/],
    ['{a=~"(b)\\\\1"}', /error parsing regexp/],
    ['up{"down"}', /metric name must not be set twice: "up" or "down"/],
    ['{a="\\ud800"}', /escape sequence is an invalid Unicode code point/],
    ['{a="\\q"}', /unknown escape sequence U\+0071 'q'/],
  ]
  for (const [selector, message] of refused) {
    it(`refuses ${JSON.stringify(selector)}`, () => assert.throws(() => parseSelector(selector), message))
  }
})
