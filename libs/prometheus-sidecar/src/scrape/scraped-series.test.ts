import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseScrapeConfig } from '../config/scrape-config.ts'
import { decodeLabels, type Labels } from '../model/labels/labels.ts'
import { type ComposedLabels, hashLabels } from '../model/labels/labels-hash.ts'
import type { KnownSeries, SampleBatch } from '../model/sample.ts'
import { parseExposition } from './exposition-parser.ts'
import { alignTimestamp } from './scrape-loop.ts'
import { scrapeTargets } from './scrape-target.ts'
import { ScrapedSeries, type ScrapeObserver, seriesLabels } from './scraped-series.ts'

function target(job = '') {
  const yaml = `scrape_configs: [{ job_name: j${job}, static_configs: [{ targets: ['h:1'], labels: { app: a } }] }]`
  const [found] = scrapeTargets(parseScrapeConfig(yaml, 'x'))
  assert.ok(found)
  return found
}

/** Every sample as `name{own labels} value @time`. */
function shown(batch: SampleBatch): string[] {
  return batch.spans.flatMap(({ labelsStart, labelsEnd, samplesStart, stale, exemplars }) => {
    const labels = decodeLabels(batch.bytes, labelsStart, labelsEnd)
    const own = [...labels].filter(([name]) => !['__name__', 'job', 'instance', 'app'].includes(name))
    const text = own.map(([name, value]) => `${name}=${value}`).join(',')
    const value = stale ? 'stale' : batch.values[samplesStart]
    const times = exemplars.map(({ timestampMs }) => ` exemplar @${timestampMs}`).join('')
    return [`${labels.get('__name__')}{${text}} ${value} @${batch.timestampsMs[samplesStart]}${times}`]
  })
}

class Observed implements ScrapeObserver {
  readonly drops: string[] = []
  exemplars = 0

  seriesAdded(): void {}

  seriesDropped({ reason, labels }: Parameters<ScrapeObserver['seriesDropped']>[0]): void {
    this.drops.push(`${labels()}: ${reason}`)
  }

  sampleDropped(reason: string): void {
    this.drops.push(reason)
  }

  exemplarDropped(): void {
    this.exemplars += 1
  }
}

const REPORT = { up: true, durationSeconds: 0.25, samplesScraped: 2 }
const reported = (at: number, up: number, samples: number) => [
  `up{} ${up} @${at}`,
  `scrape_duration_seconds{} 0.25 @${at}`,
  `scrape_samples_scraped{} ${samples} @${at}`,
  `scrape_samples_post_metric_relabeling{} ${samples} @${at}`,
]

describe('ScrapedSeries', () => {
  it('uses the time of the scrape for samples, and adds Prometheus’ four series', () => {
    const series = new ScrapedSeries(target(), new Observed())
    const batch = series.batch(parseExposition('a 1\nb{c="d"} 2\n', 'text'), 1000, REPORT)
    assert.deepEqual(shown(batch), ['a{} 1 @1000', 'b{c=d} 2 @1000', ...reported(1000, 1, 2)])
  })

  it('ends a series that is gone, only once', () => {
    const series = new ScrapedSeries(target(), new Observed())
    series.batch(parseExposition('a 1\nb 2\n', 'text'), 1000, REPORT)
    const one = { ...REPORT, samplesScraped: 1 }
    assert.deepEqual(shown(series.batch(parseExposition('a 1\n', 'text'), 2000, one)), [
      'a{} 1 @2000',
      'b{} stale @2000',
      ...reported(2000, 1, 1),
    ])
    assert.deepEqual(shown(series.batch(parseExposition('a 1\n', 'text'), 3000, one)), [
      'a{} 1 @3000',
      ...reported(3000, 1, 1),
    ])
  })

  it('ends all series when a scrape fails, and resumes them', () => {
    const series = new ScrapedSeries(target(), new Observed())
    series.batch(parseExposition('a 1\n', 'text'), 1000, REPORT)
    const failed = { up: false, durationSeconds: 0.25, samplesScraped: 0 }
    assert.deepEqual(shown(series.batch(undefined, 2000, failed)), ['a{} stale @2000', ...reported(2000, 0, 0)])
    assert.equal(shown(series.batch(parseExposition('a 3\n', 'text'), 3000, REPORT))[0], 'a{} 3 @3000')
  })

  it('keeps timestamps of samples, and never ends their series', () => {
    const series = new ScrapedSeries(target(), new Observed())
    assert.equal(shown(series.batch(parseExposition('a 1 500\n', 'text'), 1000, REPORT))[0], 'a{} 1 @500')
    assert.equal(
      shown(series.batch(parseExposition('', 'text'), 2000, REPORT)).some((text) => text.startsWith('a')),
      false,
    )
  })

  it('uses the first of two lines of a series', () => {
    const series = new ScrapedSeries(target(), new Observed())
    assert.deepEqual(shown(series.batch(parseExposition('a 1\na 2\n', 'text'), 1000, REPORT)).slice(0, 2), [
      'a{} 1 @1000',
      'up{} 1 @1000',
    ])
  })

  it('uses the time of the scrape for exemplars without a timestamp', () => {
    const series = new ScrapedSeries(target(), new Observed())
    const text = 'a_bucket{le="1"} 1 # {trace_id="t"} 0.5\n# EOF\n'
    assert.match(shown(series.batch(parseExposition(text, 'openmetrics'), 1000, REPORT))[0] ?? '', /exemplar @1000$/)
  })

  it('compares the series of a scrape with those of the previous one', () => {
    const series = new ScrapedSeries(target(), new Observed())
    const values = ['a 1\nb 2\nc{d="e"} 3\n', 'a 4\nc{d="e"} 5\n', 'new 6\na 7\nb 8\nc{d="e"} 9\n'].map(
      (text, scrape) => {
        const exposition = parseExposition(text, 'text', { expected: series.expected })
        return shown(series.batch(exposition, scrape, REPORT)).slice(0, -4)
      },
    )
    assert.deepEqual(values, [
      ['a{} 1 @0', 'b{} 2 @0', 'c{d=e} 3 @0'],
      ['a{} 4 @1', 'c{d=e} 5 @1', 'b{} stale @1'],
      ['new{} 6 @2', 'a{} 7 @2', 'b{} 8 @2', 'c{d=e} 9 @2'],
    ])
    assert.deepEqual(
      series.expected.map((each) => each.series),
      ['new', 'a', 'b', 'c{d="e"}'],
    )
  })

  it('looks up a series until it is known, and again once it is forgotten', () => {
    let found: KnownSeries | undefined
    let lookups = 0
    const seriesOf = (labels: ComposedLabels) => {
      lookups += 1
      return found !== undefined && labels.hash === hashLabels(found.labels) && labels.are(found.labels)
        ? found
        : undefined
    }
    const series = new ScrapedSeries(target(), new Observed(), { seriesOf })
    const scrape = () => {
      lookups = 0
      const { bytes, spans } = series.batch(parseExposition('a 1\n', 'text'), 1000, REPORT)
      const [span] = spans
      assert.ok(span)
      return { lookups, series: span.series, labels: bytes.subarray(span.labelsStart, span.labelsEnd) }
    }
    const { labels, ...first } = scrape()
    assert.deepEqual(first, { lookups: 5, series: undefined })
    const known = { labels: Buffer.from(labels), isForgotten: false }
    found = known
    assert.equal(scrape().series, known)
    assert.equal(scrape().lookups, 4)
    known.isForgotten = true
    found = { labels: known.labels, isForgotten: false }
    assert.equal(scrape().series, found)
  })

  it('keeps no labels of series that are known, and takes those of a forgotten one from it', () => {
    const all = new Map<string, KnownSeries & { isForgotten: boolean }>()
    const seriesOf = (labels: ComposedLabels) =>
      [...all.values()].find((each) => !each.isForgotten && labels.are(each.labels))
    const series = new ScrapedSeries(target(), new Observed(), { seriesOf })
    const scrape = (at: number) => series.batch(parseExposition('a{b="c"} 1\n', 'text'), at, REPORT)
    const first = scrape(1000)
    for (const { labelsStart, labelsEnd } of first.spans) {
      const labels = Buffer.from(first.bytes.subarray(labelsStart, labelsEnd))
      all.set(labels.toString('latin1'), { labels, isForgotten: false })
    }
    assert.equal(scrape(2000).bytes.length, 0)
    for (const each of all.values()) each.isForgotten = true
    assert.deepEqual(shown(scrape(3000)), ['a{b=c} 1 @3000', ...reported(3000, 1, 2)])
    assert.deepEqual(shown(scrape(4000)), ['a{b=c} 1 @4000', ...reported(4000, 1, 2)])
  })

  it('writes a batch over the one that was given back, and not over another', () => {
    const series = new ScrapedSeries(target(), new Observed())
    const scrape = (text: string, at: number) => series.batch(parseExposition(text, 'text'), at, REPORT)
    const first = scrape('a 1\nb 2\nc 3\n', 1000)
    const second = scrape('a 4\nb 5\nc 6\n', 2000)
    const expected = shown(second)
    assert.notEqual(second, first)
    series.reuse(first)
    const third = scrape('a 7\n', 3000)
    assert.equal(third, first)
    assert.deepEqual(shown(third), ['a{} 7 @3000', 'b{} stale @3000', 'c{} stale @3000', ...reported(3000, 1, 2)])
    assert.deepEqual(shown(second), expected)
    assert.deepEqual(shown(scrape('a 8\nb 9\n', 4000)), ['a{} 8 @4000', 'b{} 9 @4000', ...reported(4000, 1, 2)])
  })

  it('offers the array of the last samples for the next ones, unless they keep their exposition in memory', () => {
    const series = new ScrapedSeries(target(), new Observed())
    const scrape = (text: string) => {
      const into = series.takeSamples()
      const exposition = parseExposition(text, 'text', { expected: series.expected, into })
      assert.equal(exposition.samples, into)
      series.batch(exposition, 1000, REPORT)
      return into
    }
    const first = scrape('a 1\nb 2\n')
    const second = scrape('a 3\nb 4\n')
    assert.notEqual(second, first)
    assert.equal(scrape('a 5\nb 6\n'), second)
    assert.equal(scrape('a 7\n'), second)
    assert.equal(second.length, 1)
  })

  it('drops an unusable series at each scrape, and keeps the others', () => {
    const observed = new Observed()
    const series = new ScrapedSeries(target(), observed)
    const text = 'a{b="c",b="d"} 1\nok{x="y"} 2\n'
    const values = [1000, 2000].map((at) => shown(series.batch(parseExposition(text, 'text'), at, REPORT))[0])
    assert.deepEqual(values, ['ok{x=y} 2 @1000', 'ok{x=y} 2 @2000'])
    assert.deepEqual(observed.drops, ['a{b="c",b="d"}: labels_invalid', 'labels_invalid', 'labels_invalid'])
    assert.deepEqual(shown(series.batch(parseExposition('', 'text'), 3000, REPORT))[0], 'ok{x=y} stale @3000')
  })

  it('finds a series with bytes that are not UTF-8 again', () => {
    const observed = new Observed()
    const series = new ScrapedSeries(target(), observed)
    for (const at of [1000, 2000]) series.batch(parseExposition('a{b="\ud800"} 1\n', 'text'), at, REPORT)
    assert.deepEqual(observed.drops, ['a{b="\ufffd"}: labels_invalid', 'labels_invalid', 'labels_invalid'])
  })

  it('counts dropped exemplars', () => {
    const observed = new Observed()
    const series = new ScrapedSeries(target(), observed)
    const text = 'a_total 1 # {x="y",x="z"} 1\n# EOF\n'
    assert.equal(shown(series.batch(parseExposition(text, 'openmetrics'), 1000, REPORT))[0], 'a_total{} 1 @1000')
    assert.equal(observed.exemplars, 1)
  })

  it('keeps labels intact while thousands of series come and go', () => {
    const series = new ScrapedSeries(target(), new Observed())
    for (let scrape = 1; scrape <= 20; scrape++) {
      const text = Array.from({ length: 300 }, (_, index) => `m{n="${(scrape * 100 + index) % 1000}"} ${index}\n`).join(
        '',
      )
      const batch = series.batch(parseExposition(text, 'text'), scrape, REPORT)
      const values = shown(batch).filter((line) => line.startsWith('m') && !line.includes('stale'))
      assert.deepEqual(
        values,
        Array.from({ length: 300 }, (_, index) => `m{n=${(scrape * 100 + index) % 1000}} ${index} @${scrape}`),
      )
    }
  })
})

describe('seriesLabels', () => {
  const targetLabels: Labels = new Map([
    ['job', 'j'],
    ['app', 'target'],
  ])
  const cases: readonly [
    title: string,
    exposed: Record<string, string>,
    honor: boolean,
    expected: Record<string, string>,
  ][] = [
    ['adds the target’s', { a: 'b' }, false, { a: 'b', job: 'j', app: 'target', __name__: 'm' }],
    [
      'renames its own if the target has one',
      { app: 'own' },
      false,
      { app: 'target', exported_app: 'own', job: 'j', __name__: 'm' },
    ],
    [
      'renames again if that name is taken',
      { app: 'own', exported_app: 'x' },
      false,
      { app: 'target', exported_app: 'x', exported_exported_app: 'own', job: 'j', __name__: 'm' },
    ],
    ['lets its own win if labels are honored', { app: 'own' }, true, { app: 'own', job: 'j', __name__: 'm' }],
  ]
  for (const [title, exposed, honor, expected] of cases) {
    it(title, () => {
      assert.deepEqual(
        Object.fromEntries(seriesLabels('m', new Map(Object.entries(exposed)), targetLabels, honor)),
        expected,
      )
    })
  }
})

describe('alignTimestamp', () => {
  it('aligns times that are about one interval after the last', () => {
    assert.equal(alignTimestamp(20_012, 10_000, 10_000), 20_000)
    assert.equal(alignTimestamp(19_995, 10_000, 10_000), 20_000)
    assert.equal(alignTimestamp(40_100, 10_000, 10_000), 40_000)
  })
  it('keeps the first time and all others', () => {
    assert.equal(alignTimestamp(23_000, 10_000, 10_000), 23_000)
    assert.equal(alignTimestamp(10_001, 10_000, 10_000), 10_001)
    assert.equal(alignTimestamp(5, Number.NaN, 10_000), 5)
  })
})
