import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SERIES_PER_TARGET } from '../../bench/load/series-per-target.ts'
import { eventually } from '../child.ts'
import { LoadedSidecar, numberOf } from '../loaded-sidecar.ts'

const GAUGES = Number(process.env.SERIES ?? 1_000_000)
const TARGETS = Math.ceil(GAUGES / SERIES_PER_TARGET)
const ROUND_MS = 60_000
const LIMIT_KIB = 2.5e9 / 1024

it(`holds ${GAUGES} live gauges in one process in less than 2.5 GB`, { timeout: 1_200_000 }, async (context) => {
  const flags = [`--series.max=${2 * GAUGES}`]
  const sidecar = await LoadedSidecar.start({ targets: TARGETS, roundMs: ROUND_MS, series: 'gauges', flags })
  context.after(() => sidecar.stop())
  const metrics = await eventually(
    'three rounds of all gauges are written',
    async () => {
      const text = await sidecar.metrics()
      return numberOf(text, 'prometheus_sidecar_samples_produced_total') >= 3 * GAUGES ? text : undefined
    },
    { withinMs: 1_000_000, everyMs: 2_000, detail: () => sidecar.child.output.slice(-3000) },
  )
  const series = numberOf(metrics, 'prometheus_sidecar_series')
  assert.ok(series >= GAUGES)
  assert.doesNotMatch(metrics, /^prometheus_sidecar_dropped_samples_total\{reason="too_many_series"\} [1-9]/m)
  const peakKiB = await sidecar.peakKiB()
  context.diagnostic(`${series} series, peak ${peakKiB} KiB`)
  assert.ok(peakKiB < LIMIT_KIB, `it used ${peakKiB} KiB at its peak`)
})
