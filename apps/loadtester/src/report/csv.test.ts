import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { renderCsv } from './csv.ts'
import { escapeHtml, renderChart } from './svg-chart.ts'

describe('renderCsv', () => {
  for (const [cell, written] of [
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    ['=cmd()', "'=cmd()"],
    ['@x', "'@x"],
    ['+1', "'+1"],
    ['-1+cmd', "'-1+cmd"],
    ['\t=1', "'\t=1"],
    [-1, '-1'],
    [1.5, '1.5'],
  ] as const) {
    it(`writes ${JSON.stringify(cell)} as ${written}`, () => {
      assert.equal(renderCsv([[cell, 'end']]), `${written},end\r\n`)
    })
  }
})

describe('the parts of a report', () => {
  it('escapes text', () => {
    assert.equal(escapeHtml(`<a b="c">'&`), '&lt;a b=&quot;c&quot;&gt;&#39;&amp;')
    assert.ok(!renderChart([0, 1], [{ label: '<script>', className: 'a', values: [1, 2] }], '<b>').includes('<script>'))
  })

  it('draws as many points as fit, however long the run was', () => {
    const seconds = Array.from({ length: 20_000 }, (_, index) => index)
    const svg = renderChart(seconds, [{ label: 'a', className: 'a', values: seconds }], 's')
    assert.ok(svg.length < 20_000)
    assert.ok(!svg.includes('NaN'))
    assert.ok(!renderChart([], [{ label: 'a', className: 'a', values: [] }], 's').includes('NaN'))
  })

  it('draws the seconds of a whole day', () => {
    const seconds = Array.from({ length: 86_400 }, (_, index) => index)
    const lines = ['p50', 'p95', 'p99'].map((label) => ({ label, className: 'a', values: seconds }))
    assert.match(renderChart(seconds, lines, 'ms'), />100 k</)
  })
})
