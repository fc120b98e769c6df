import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ExpositionError } from './exposition-error.ts'
import { type ExpositionFormat, formatOf, parseExposition } from './exposition-parser.ts'

/** Every sample as `series value [@time]`; independent of what was expected. */
function lines(text: string, format: ExpositionFormat): string[] {
  const { samples } = parseExposition(text, format)
  const series = samples.map((sample) => sample.series)
  for (const all of [series, series.slice(1), ['other', ...series], series.map((each) => each.slice(0, -1))]) {
    const expected = all.map((each) => ({ series: each, value: 0.25, timestampMs: undefined, exemplar: undefined }))
    assert.deepEqual(parseExposition(text, format, { expected }).samples, samples)
  }
  return samples.map(
    ({ series, value, timestampMs }) => `${series} ${value}${timestampMs === undefined ? '' : ` @${timestampMs}`}`,
  )
}

describe('text 0.0.4', () => {
  const cases: readonly [title: string, text: string, expected: string[]][] = [
    ['nothing', '', []],
    ['a bare sample', 'up 1\n', ['up 1']],
    ['a last line without a line feed', 'up 1', ['up 1']],
    ['a time in milliseconds', 'up 1 1700000000123\n', ['up 1 @1700000000123']],
    ['a time before 1970', 'up 1 -1\n', ['up 1 @-1']],
    ['labels', 'a{b="c",d="e"} 2\n', ['a{b="c",d="e"} 2']],
    ['a comma after the last label', 'a{b="c",} 2\n', ['a{b="c",} 2']],
    ['a brace and a blank in a value', 'a{b="} 1 "} 2\n', ['a{b="} 1 "} 2']],
    ['an escaped quote', 'a{b="\\"} 1"} 2\n', ['a{b="\\"} 1"} 2']],
    ['tabs, blanks and CRLF', '  a\t{b="c"}  \t3  \r\n', ['a\t{b="c"} 3']],
    ['a value right after the labels', 'a{b="c"}11\n', ['a{b="c"} 11']],
    ['a line break in a label value', 'a{b="c\nd"} 1\nok 1\n', ['a{b="c\nd"} 1', 'ok 1']],
    ['an open brace in a comment', '  # {a="\nup 1\n', ['up 1']],
    ['names in quotes', '{"a.b","c.d"="e"} 1\n', ['{"a.b","c.d"="e"} 1']],
    ['empty lines and comments', '\n# a comment\n#\n  # another\nup 1\n', ['up 1']],
    [
      'special values',
      'a +Inf\nb -Inf\nc NaN\nd 1e-3\ne .5\nf 5.\n',
      ['a Infinity', 'b -Infinity', 'c NaN', 'd 0.001', 'e 0.5', 'f 5'],
    ],
  ]
  for (const [title, text, expected] of cases)
    it(`reads ${title}`, () => assert.deepEqual(lines(text, 'text'), expected))

  it('parses the type of a family whose name is in quotes', () => {
    assert.deepEqual(parseExposition('# TYPE "a.\\"b" counter\n', 'text').metadata, [
      { family: 'a."b', type: 'counter', help: '', unit: '' },
    ])
  })

  it('parses types and helps', () => {
    const { metadata } = parseExposition(
      '# HELP a Line\\nbreak and \\\\.\n# TYPE a counter\na_total 1\n# TYPE b untyped\n# HELP c only help\n',
      'text',
    )
    assert.deepEqual(metadata, [
      { family: 'a', type: 'counter', help: 'Line\nbreak and \\.', unit: '' },
      { family: 'b', type: 'unknown', help: '', unit: '' },
      { family: 'c', type: 'unknown', help: 'only help', unit: '' },
    ])
  })

  const refused: readonly [text: string, message: RegExp][] = [
    ['up\n', /line 1: up has no value/],
    ['up one\n', /"one", not a number/],
    ['up 0x10\n', /"0x10", not a number/],
    ['up 1 2 3\n', /"2 3", not a number/],
    ['up 1 1.5\n', /"1.5", not a number/],
    ['ok 1\na{b="c 1\n', /line 2: the labels of a are not closed/],
    ['# TYPE a gizmo\n', /unknown type "gizmo"/],
    ['# TYPE a info\n', /unknown type "info"/],
  ]
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => lines(text, 'text'), message))
  }
})

describe('OpenMetrics 1.0.0', () => {
  const cases: readonly [title: string, text: string, expected: string[]][] = [
    ['nothing', '# EOF\n', []],
    ['an EOF without line end', 'up 1\n# EOF', ['up 1']],
    ['a time in seconds', 'up 1 1700000000.123\n# EOF\n', ['up 1 @1700000000123']],
    ['a time with exponent', 'up 1 1.5e9\n# EOF\n', ['up 1 @1500000000000']],
    ['a quoted hash', 'a{b=" # "} 2\n# EOF\n', ['a{b=" # "} 2']],
  ]
  for (const [title, text, expected] of cases)
    it(`reads ${title}`, () => assert.deepEqual(lines(text, 'openmetrics'), expected))

  it('parses exemplars, with and without a timestamp', () => {
    const { samples } = parseExposition(
      'a_bucket{le="1"} 3 # {trace_id="t",span_id="s"} 0.5 1700000000.5\nb_total 1 1.5 # {} 1\n# EOF\n',
      'openmetrics',
    )
    assert.deepEqual(samples[0]?.exemplar, {
      labels: new Map([
        ['trace_id', 't'],
        ['span_id', 's'],
      ]),
      value: 0.5,
      timestampMs: 1_700_000_000_500,
    })
    assert.deepEqual(samples[1]?.exemplar, { labels: new Map(), value: 1, timestampMs: Number.NaN })
    assert.equal(samples[1]?.timestampMs, 1500)
  })

  const droppedExemplars: readonly [title: string, labels: string][] = [
    ['more than 128 characters', `x="${'y'.repeat(128)}"`],
    ['a label twice', 'x="y",x="z"'],
    ['bytes that are not UTF-8', 'x="\ud800"'],
  ]
  for (const [title, labels] of droppedExemplars) {
    it(`keeps a sample whose exemplar has ${title}, without the exemplar`, () => {
      const { samples } = parseExposition(`a_total 1 # {${labels}} 1\n# EOF\n`, 'openmetrics')
      assert.deepEqual(samples, [{ series: 'a_total', value: 1, timestampMs: undefined, exemplar: 'dropped' }])
    })
  }

  it('parses type, help and unit', () => {
    const text = '# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n# HELP a_seconds Say \\"a\\".\n# EOF\n'
    assert.deepEqual(parseExposition(text, 'openmetrics').metadata, [
      { family: 'a_seconds', type: 'histogram', help: 'Say "a".', unit: 'seconds' },
    ])
  })

  const refused: readonly [text: string, message: RegExp][] = [
    ['up 1\n', /does not end with # EOF/],
    ['up 1', /line 1: the last line is truncated/],
    ['# EOF\nup 1\n', /line 2: there is content after # EOF/],
    ['# a comment\n# EOF\n', /not a TYPE, HELP, UNIT or EOF line/],
    ['\nup 1\n# EOF\n', /line 1/],
    ['up  1\n# EOF\n', /not a number/],
    ['# TYPE a untyped\n# EOF\n', /unknown type "untyped"/],
    ['a 1 # 0.5\n# EOF\n', /an exemplar has no labels/],
    ['a 1 # {x="y"}\n# EOF\n', /is not an exemplar/],
    ['a 1 # {x} 1\n# EOF\n', /the label x has no value/],
    ['a{b="c"}1\n# EOF\n', /has no value/],
  ]
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => assert.throws(() => lines(text, 'openmetrics'), message))
  }
})

it('limits the number of samples', () => {
  assert.throws(
    () => parseExposition('a 1\nb 1\nc 1\n', 'text', { maxSamples: 2 }),
    /line 3: there are more than 2 samples/,
  )
})

describe('time', () => {
  const digits = (length: number) => '1'.repeat(length)
  const cases: readonly [title: string, format: ExpositionFormat, make: (length: number) => string][] = [
    ['a number followed by a letter', 'text', (length) => `a ${digits(length)}x\n`],
    ['a fraction followed by a letter', 'text', (length) => `a 1.${digits(length)}x\n`],
    ['an exponent followed by a letter', 'text', (length) => `a 1e${digits(length)}x\n`],
    ['a timestamp of many digits', 'openmetrics', (length) => `a 1 ${digits(length)}x\n# EOF\n`],
    ['the value of an exemplar', 'openmetrics', (length) => `a 1 # {} ${digits(length)}x\n# EOF\n`],
    ['blanks', 'text', (length) => `a${' '.repeat(length)}x\n`],
    ['labels that are not closed', 'text', (length) => 'a{b="c"\n'.repeat(length / 8)],
    ['quotes that are not closed', 'text', (length) => 'a{b="\n'.repeat(length / 8)],
    ['blanks between labels', 'text', (length) => `a{b="c"${' '.repeat(length)}x} 1\n`],
    ['backslashes', 'text', (length) => `a{b="${'\\'.repeat(length)}\n`],
    ['a comment of blanks', 'text', (length) => `# TYPE a${' '.repeat(length)}x\n`],
    ['many exemplars', 'openmetrics', (length) => `${'a 1 # {} 1\n'.repeat(length / 8)}# EOF\n`],
  ]
  for (const [title, format, make] of cases) {
    it(`grows in proportion to the length of ${title}`, () => {
      const parse = (text: string) => {
        const startedMs = performance.now()
        try {
          parseExposition(text, format)
        } catch (error) {
          assert.ok(error instanceof ExpositionError)
        }
        return performance.now() - startedMs
      }
      // If parsing is quadratic, 16 times the input takes 256 times as long; less than a few milliseconds can't be
      // measured.
      const fastest = (length: number) => Math.min(...[1, 2, 3].map(() => parse(make(length))))
      // On a busy machine a pair may be measured at different speeds: one proportional pair is enough.
      const measured: string[] = []
      for (let attempt = 0; attempt < 10; attempt++) {
        const [small, large] = [fastest(20_000), fastest(320_000)]
        if (large < 64 * small + 20) return
        measured.push(`${small} ms, and ${large} ms for 16 times as much`)
      }
      assert.fail(measured.join('\n'))
    })
  }
})

it('detects the format from the content type', () => {
  assert.equal(formatOf('application/openmetrics-text; version=1.0.0; charset=utf-8'), 'openmetrics')
  assert.equal(formatOf('text/plain; version=0.0.4'), 'text')
  assert.equal(formatOf(undefined), 'text')
})
