import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Counter, createRegistry, Gauge, Histogram, Registry, Summary } from './client.ts'
import { renderExposition } from './exposition.ts'
import { collectFamilies } from './registry-collector.ts'

interface Case {
  readonly title: string
  readonly register: (registry: Registry) => void
  readonly text: string
  readonly openmetrics: string
}

const cases: readonly Case[] = [
  {
    title: 'a counter has its _total in both formats, its metadata not in OpenMetrics',
    register: (registry) =>
      new Counter({ name: 'a_total', help: 'A', labelNames: ['x'], registers: [registry] }).inc({ x: '1' }, 2),
    text: '# HELP a_total A\n# TYPE a_total counter\na_total{x="1"} 2\n',
    openmetrics: '# HELP a A\n# TYPE a counter\na_total{x="1"} 2\na_created{x="1"} START\n# EOF\n',
  },
  {
    title: 'a counter named without _total gets the suffix',
    register: (registry) => new Counter({ name: 'a', help: 'A', registers: [registry] }).inc(),
    text: '# HELP a_total A\n# TYPE a_total counter\na_total 1\n',
    openmetrics: '# HELP a A\n# TYPE a counter\na_total 1\na_created START\n# EOF\n',
  },
  {
    title: 'special values',
    register: (registry) => {
      const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['v'], registers: [registry] })
      gauge.set({ v: 'nan' }, Number.NaN)
      gauge.set({ v: 'inf' }, Number.POSITIVE_INFINITY)
      gauge.set({ v: '-inf' }, Number.NEGATIVE_INFINITY)
      gauge.set({ v: 'small' }, 1e-9)
    },
    text: '# HELP g G\n# TYPE g gauge\ng{v="nan"} NaN\ng{v="inf"} +Inf\ng{v="-inf"} -Inf\ng{v="small"} 1e-9\n',
    openmetrics:
      '# HELP g G\n# TYPE g gauge\ng{v="nan"} NaN\ng{v="inf"} +Inf\ng{v="-inf"} -Inf\ng{v="small"} 1e-9\n# EOF\n',
  },
  {
    title: 'numbers of every size',
    register: (registry) => {
      const gauge = new Gauge({ name: 'g', help: 'G', labelNames: ['v'], registers: [registry] })
      for (const value of [-0, 1e21, 5e-324, 2 ** 53, 1.5e300]) gauge.set({ v: String(value) }, value)
    },
    text: '# HELP g G\n# TYPE g gauge\ng{v="0"} 0\ng{v="1e+21"} 1e+21\ng{v="5e-324"} 5e-324\ng{v="9007199254740992"} 9007199254740992\ng{v="1.5e+300"} 1.5e+300\n',
    openmetrics:
      '# HELP g G\n# TYPE g gauge\ng{v="0"} 0\ng{v="1e+21"} 1e+21\ng{v="5e-324"} 5e-324\ng{v="9007199254740992"} 9007199254740992\ng{v="1.5e+300"} 1.5e+300\n# EOF\n',
  },
  {
    title: 'labels named like those of buckets and quantiles are labels elsewhere',
    register: (registry) =>
      new Gauge({ name: 'g', help: 'G', labelNames: ['le', 'quantile'], registers: [registry] }).set(
        { le: 'left', quantile: '1' },
        1,
      ),
    text: '# HELP g G\n# TYPE g gauge\ng{le="left",quantile="1"} 1\n',
    openmetrics: '# HELP g G\n# TYPE g gauge\ng{le="left",quantile="1"} 1\n# EOF\n',
  },
  {
    title: 'label values and help are escaped, help according to the rules of each format',
    register: (registry) =>
      new Gauge({ name: 'g', help: 'a "b" \\ c\nd', labelNames: ['x'], registers: [registry] }).set(
        { x: 'a "b" \\ c\nd' },
        1,
      ),
    text: '# HELP g a "b" \\\\ c\\nd\n# TYPE g gauge\ng{x="a \\"b\\" \\\\ c\\nd"} 1\n',
    openmetrics: '# HELP g a \\"b\\" \\\\ c\\nd\n# TYPE g gauge\ng{x="a \\"b\\" \\\\ c\\nd"} 1\n# EOF\n',
  },
  {
    title: 'the samples of a label set are adjacent, le is last and a float, exemplars only in OpenMetrics',
    register: (registry) => {
      const histogram = new Histogram<'x' | 'trace_id'>({
        name: 'h',
        help: 'H',
        labelNames: ['x'],
        buckets: [0.5, 1],
        enableExemplars: true,
        registers: [registry],
      })
      histogram.observe({ labels: { x: 'a' }, value: 0.25, exemplarLabels: { trace_id: 'abc' } })
      histogram.observe({ labels: { x: 'b' }, value: 2 })
    },
    text: `# HELP h H
# TYPE h histogram
h_bucket{x="a",le="0.5"} 1
h_bucket{x="a",le="1.0"} 1
h_bucket{x="a",le="+Inf"} 1
h_sum{x="a"} 0.25
h_count{x="a"} 1
h_bucket{x="b",le="0.5"} 0
h_bucket{x="b",le="1.0"} 0
h_bucket{x="b",le="+Inf"} 1
h_sum{x="b"} 2
h_count{x="b"} 1
`,
    openmetrics: `# HELP h H
# TYPE h histogram
h_bucket{x="a",le="0.5"} 1 # {trace_id="abc"} 0.25 TIME
h_bucket{x="a",le="1.0"} 1
h_bucket{x="a",le="+Inf"} 1
h_sum{x="a"} 0.25
h_count{x="a"} 1
h_created{x="a"} START
h_bucket{x="b",le="0.5"} 0
h_bucket{x="b",le="1.0"} 0
h_bucket{x="b",le="+Inf"} 1
h_sum{x="b"} 2
h_count{x="b"} 1
h_created{x="b"} START
# EOF
`,
  },
  {
    title: 'a summary, its quantiles as floats',
    register: (registry) =>
      new Summary({ name: 's', help: 'S', percentiles: [0.5, 1], registers: [registry] }).observe(3),
    text: '# HELP s S\n# TYPE s summary\ns{quantile="0.5"} 3\ns{quantile="1.0"} 3\ns_sum 3\ns_count 1\n',
    openmetrics:
      '# HELP s S\n# TYPE s summary\ns{quantile="0.5"} 3\ns{quantile="1.0"} 3\ns_sum 3\ns_count 1\ns_created START\n# EOF\n',
  },
  { title: 'nothing', register: () => {}, text: '', openmetrics: '# EOF\n' },
]

for (const { title, register, ...expected } of cases) {
  describe(title, () => {
    for (const format of ['text', 'openmetrics'] as const) {
      test(format, async () => {
        const registry = createRegistry()
        register(registry)
        const rendered = renderExposition(await collectFamilies(registry), format)
        const untimed = rendered
          .replace(/(# \{.*\} \S+) [\d.]+$/gm, '$1 TIME')
          .replace(/(_created\S*) [\d.]+$/gm, '$1 START')
        assert.equal(untimed, expected[format])
      })
    }
  })
}

test('a scrape changes nothing in the registry: the formats may alternate', async () => {
  const registry = createRegistry()
  new Counter({ name: 'a_total', help: 'A', registers: [registry] }).inc()
  const render = async (format: 'text' | 'openmetrics') => renderExposition(await collectFamilies(registry), format)
  const first = [await render('text'), await render('openmetrics')]
  assert.deepEqual([await render('text'), await render('openmetrics')], first)
})

test('bounds and quantiles have the canonical form of the specification', async () => {
  const canonical =
    '0.0 1e-10 1e-09 1e-08 1e-07 1e-06 1e-05 0.0001 0.001 0.01 0.1 1.0 2.5 10.0 100.0 1000.0 10000.0 100000.0 1e+06 1.5e+06 1e+07 1e+08 1e+09 1e+10'
  const registry = new Registry()
  const buckets = canonical.split(' ').map(Number)
  new Histogram({ name: 'h', help: 'H', buckets, registers: [registry] }).observe(1)
  const text = renderExposition(await collectFamilies(registry), 'openmetrics')
  assert.equal(Array.from(text.matchAll(/le="([^"]+)"/g), ([, le]) => le).join(' '), `${canonical} +Inf`)
})
