import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SERIES_PER_TARGET } from '../bench/load/series-per-target.ts'
import { eventually } from './child.ts'
import { LoadedSidecar, numberOf } from './loaded-sidecar.ts'

const TARGETS = 646
const SERIES = TARGETS * SERIES_PER_TARGET
const LIMIT_KIB = 450 * 1024

it('holds 100,000 live series in less than 450 MiB', { timeout: 240_000 }, async (context) => {
  assert.ok(SERIES >= 100_000)
  const sidecar = await LoadedSidecar.start({ targets: TARGETS, roundMs: 10_000 })
  context.after(() => sidecar.stop())
  await eventually(
    'all series are live and their histograms are known',
    async () => {
      const metrics = await sidecar.metrics()
      const produced = numberOf(metrics, 'prometheus_sidecar_samples_produced_total')
      const series = numberOf(metrics, 'prometheus_sidecar_series')
      return series >= SERIES && produced > SERIES * 3
    },
    { withinMs: 200_000, everyMs: 1000 },
  )
  const peakKiB = await sidecar.peakKiB()
  context.diagnostic(`peak ${peakKiB} KiB`)
  assert.ok(peakKiB < LIMIT_KIB, `it used ${peakKiB} KiB at its peak`)
})

it('drops the newest series if its heap is too small for all, and continues with the others', {
  timeout: 240_000,
}, async (context) => {
  const sidecar = await LoadedSidecar.start({ targets: TARGETS, roundMs: 10_000, heapMebibytes: 96 })
  context.after(() => sidecar.stop())
  const read = async () => {
    const metrics = await sidecar.metrics()
    const number = (name: string) => numberOf(metrics, `prometheus_sidecar_${name}`)
    return {
      series: number('series'),
      produced: number('samples_produced_total'),
      dropped: number('dropped_samples_total\\{reason="too_many_series"\\}'),
    }
  }
  await eventually(
    'the others are written',
    async () => {
      const { series, produced, dropped } = await read()
      return series > 10_000 && series < SERIES && dropped > SERIES && produced > 2 * series
    },
    { withinMs: 200_000, everyMs: 1000, detail: () => sidecar.child.output.slice(-3000) },
  )
})
