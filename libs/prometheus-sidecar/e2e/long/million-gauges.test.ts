import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { it } from 'node:test'
import { eventually } from '../child.ts'
import { LoadedSidecar, SERIES_PER_TARGET } from '../loaded-sidecar.ts'

const GAUGES = Number(process.env.SERIES ?? 1_000_000)
const TARGETS = Math.ceil(GAUGES / SERIES_PER_TARGET)
const ROUND_MS = 60_000
const LIMIT_KIB = 2.5e9 / 1024

it(`holds ${GAUGES} live gauges in one process in less than 2.5 GB`, { timeout: 1_200_000 }, async (context) => {
  const flags = [`--series.max=${2 * GAUGES}`]
  const sidecar = await LoadedSidecar.start({ targets: TARGETS, roundMs: ROUND_MS, series: 'gauges', flags })
  context.after(() => sidecar.stop())
  const read = async () => {
    const metrics = await sidecar.metrics()
    return (name: string) => Number(new RegExp(`^prometheus_sidecar_${name} (\\d+)`, 'm').exec(metrics)?.[1] ?? 0)
  }
  const number = await eventually(
    'three rounds of all gauges are written',
    async () => {
      const numberOf = await read()
      return numberOf('samples_produced_total') >= 3 * GAUGES ? numberOf : undefined
    },
    { withinMs: 1_000_000, everyMs: 2_000, detail: () => sidecar.child.output.slice(-3000) },
  )
  assert.ok(number('series') >= GAUGES)
  assert.equal(number('dropped_samples_total\\{reason="too_many_series"\\}'), 0)
  const status = await readFile(`/proc/${sidecar.child.process.pid}/status`, 'utf8')
  const peakKiB = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1])
  context.diagnostic(`${number('series')} series, peak ${peakKiB} KiB`)
  assert.ok(peakKiB < LIMIT_KIB, `it used ${peakKiB} KiB at its peak`)
})
