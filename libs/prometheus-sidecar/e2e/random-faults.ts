import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SeededRandom } from '../test/testing/seeded-random.ts'
import { eventually } from './child.ts'
import type { Stack } from './stack.ts'

export interface FaultOptions {
  readonly random: SeededRandom
  readonly durationSeconds: number
  /** Two faults of the same kind are at most this far apart. */
  readonly pauseSeconds: { readonly api: number; readonly sidecar: number; readonly prometheus: number }
  /** Called with each fault, and before the sidecar is stopped. */
  readonly log: string[]
  readonly beforeStop?: () => Promise<void>
}

type Fault = readonly [name: string, act: () => Promise<unknown>]

/**
 * Everything that can go wrong between a target and Cloud Monitoring, at random and at once, until the time is over.
 */
export async function playFaults(stack: Stack, options: FaultOptions): Promise<void> {
  const { random, log, pauseSeconds } = options
  const startMs = Date.now()
  const endMs = startMs + options.durationSeconds * 1000
  const failed = new AbortController()
  const pause = (upToSeconds: number) =>
    sleep(Math.max(0, Math.min(random.next() * upToSeconds * 1000, endMs - Date.now())), undefined, {
      signal: failed.signal,
    })
  const isOver = () => Date.now() >= endMs || failed.signal.aborted
  const play = async (faults: readonly Fault[], upToSeconds: number) => {
    while (!isOver()) {
      for (const [name, act] of random.shuffled([...faults])) {
        await pause(upToSeconds)
        if (isOver()) return
        log.push(`${((Date.now() - startMs) / 1000).toFixed(0)} s ${name}`)
        await act()
      }
    }
  }
  const plays = [
    play(apiFaults(stack), pauseSeconds.api),
    play(sidecarFaults(stack, pause, options.beforeStop), pauseSeconds.sidecar),
    play(prometheusFaults(stack, random), pauseSeconds.prometheus),
  ]
  try {
    await Promise.all(plays)
  } finally {
    failed.abort()
    await Promise.allSettled(plays)
  }
}

function apiFaults({ emulator, exporter }: Stack): readonly Fault[] {
  return [
    ['unavailable for 60 s', () => emulator.fault({ code: 'UNAVAILABLE', durationSeconds: 60 })],
    ['half exhausted', () => emulator.fault({ code: 'RESOURCE_EXHAUSTED', share: 0.5, durationSeconds: 15 })],
    ['series refused', () => emulator.fault({ code: 'INVALID_ARGUMENT', seriesShare: 0.05, durationSeconds: 10 })],
    ['slow', () => emulator.fault({ latencyMs: 3000, share: 0.5, durationSeconds: 15 })],
    ['responses lost', () => emulator.fault({ loseAnswer: true, share: 0.5, durationSeconds: 15 })],
    ['deadline', () => emulator.fault({ code: 'DEADLINE_EXCEEDED', share: 0.3, durationSeconds: 10 })],
    ['the target restarts', async () => exporter.restart()],
  ]
}

function sidecarFaults(
  stack: Stack,
  pause: (upToSeconds: number) => Promise<unknown>,
  beforeStop: (() => Promise<void>) | undefined,
): readonly Fault[] {
  const { emulator, sidecar } = stack
  const stopped = (signal: 'SIGKILL' | 'SIGTERM', prepare?: () => Promise<void>) => async () => {
    await prepare?.()
    await beforeStop?.()
    const code = await sidecar.child.stop(signal)
    if (signal === 'SIGTERM') assert.equal(code, 0, sidecar.output.slice(-2000))
    await pause(4)
    await sidecar.restart()
  }
  const loseAnswer = async () => {
    const id = await emulator.fault({ loseAnswer: true, durationSeconds: 15 })
    await eventually('a response is lost', async () => (await emulator.faultHits(id)) > 0, { withinMs: 14_000 }).catch(
      () => {},
    )
  }
  return [
    ['SIGKILL', stopped('SIGKILL')],
    ['SIGKILL', stopped('SIGKILL')],
    ['SIGKILL with a response lost', stopped('SIGKILL', loseAnswer)],
    ['SIGTERM', stopped('SIGTERM')],
  ]
}

/** Faults that make remote_write skip or resend samples. */
function prometheusFaults({ prometheus }: Stack, random: SeededRandom): readonly Fault[] {
  const restarted = (signal: 'SIGKILL' | 'SIGTERM') => async () => {
    // After SIGTERM it waits for its queues for the flush deadline, a minute.
    await prometheus.child.stop(signal, 120_000)
    await prometheus.restart()
  }
  return [
    ['Prometheus: SIGKILL', restarted('SIGKILL')],
    ['Prometheus: SIGTERM', restarted('SIGTERM')],
    ['Prometheus: other queues', () => prometheus.reload({ capacity: 600 + random.below(400) })],
    ['Prometheus: more shards', () => prometheus.reload({ min_shards: 1 + random.below(6), max_shards: 8 })],
  ]
}
