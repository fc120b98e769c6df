import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { it } from 'node:test'
import { eventually } from './child.ts'
import { LoadedSidecar, SERIES_PER_TARGET } from './loaded-sidecar.ts'

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
      const produced = Number(/^prometheus_sidecar_samples_produced_total (\d+)/m.exec(metrics)?.[1])
      const series = Number(/^prometheus_sidecar_series (\d+)/m.exec(metrics)?.[1])
      return series >= SERIES && produced > SERIES * 3
    },
    { withinMs: 200_000, everyMs: 1000 },
  )
  const status = await readFile(`/proc/${sidecar.child.process.pid}/status`, 'utf8')
  const peakKiB = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1])
  context.diagnostic(`peak ${peakKiB} KiB`)
  assert.ok(peakKiB < LIMIT_KIB, `it used ${peakKiB} KiB at its peak`)
})
