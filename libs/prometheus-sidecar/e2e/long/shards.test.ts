import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SERIES_PER_TARGET } from '../../bench/load/series-per-target.ts'
import { eventually } from '../child.ts'
import { LoadedSidecar, numberOf } from '../loaded-sidecar.ts'

const SHARDS = 4
const SERIES = Number(process.env.SERIES ?? 1_000_000)
const TARGETS = Math.ceil(SERIES / SHARDS / SERIES_PER_TARGET)
const ROUND_MS = 60_000
/** The first round of this many new series takes longer than histograms wait for their parts by default. */
const FLAGS = ['--histogram.learning-period=3m']
/** Of the 155 series of a target, these become points of their own: gauges immediately, the others after a baseline. */
const GAUGES = 61
const COUNTERS = 60
const HISTOGRAMS = 2

it(`as many sidecars as shards (${SHARDS}) store ${SERIES} series of Prometheus, and lose none`, {
  timeout: 1_200_000,
}, async (context) => {
  const sidecars: LoadedSidecar[] = []
  context.after(() => Promise.all(sidecars.map((sidecar) => sidecar.stop())))
  await Promise.all(
    Array.from({ length: SHARDS }, async () => {
      sidecars.push(await LoadedSidecar.start({ targets: TARGETS, roundMs: ROUND_MS, flags: FLAGS }))
    }),
  )
  let total = 0
  for (const [shard, sidecar] of sidecars.entries()) {
    const perRound = TARGETS * (GAUGES + COUNTERS + HISTOGRAMS)
    const text = await eventually(
      `shard ${shard} has stored three rounds`,
      async () => {
        const metrics = await sidecar.metrics()
        return numberOf(metrics, 'prometheus_sidecar_samples_produced_total') >= 3 * perRound ? metrics : undefined
      },
      { withinMs: 1_000_000, everyMs: 2_000, detail: () => sidecar.child.output.slice(-3000) },
    )
    const series = numberOf(text, 'prometheus_sidecar_series')
    assert.equal(series, TARGETS * SERIES_PER_TARGET, `shard ${shard}`)
    total += series
    const dropped = [...text.matchAll(/^prometheus_sidecar_dropped_samples_total\{reason="(\w+)"\} (\d+)/gm)]
    for (const [, reason, count] of dropped) {
      assert.equal(reason, 'first_sample')
      assert.ok(Number(count) <= TARGETS * (COUNTERS + HISTOGRAMS), `${count} baselines in shard ${shard}`)
    }
    for (const name of ['hole_unfilled_samples', 'hole_unfilled_series'])
      assert.equal(numberOf(text, `prometheus_sidecar_${name}_total`), 0)
    assert.equal(numberOf(text, 'prometheus_remote_storage_failed_samples_total'), 0)
  }
  context.diagnostic(`${total} series`)
  assert.ok(total >= SERIES)
})
