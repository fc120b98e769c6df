import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { freePort } from '@node-to-cloud/bench'
import { seededRandom } from '../test/testing/seeded-random.ts'
import { Child, eventually, NODE } from './child.ts'
import { type FaultOptions, playFaults } from './random-faults.ts'
import { Stack, type StackOptions } from './stack.ts'

export interface InvariantOptions {
  readonly seed: number
  /** The address of flask-app's metrics. */
  readonly flaskApp: string
  readonly faults: Pick<FaultOptions, 'durationSeconds' | 'pauseSeconds'>
  /** Default: external. */
  readonly format?: 'external' | 'gmp'
  readonly prometheus?: StackOptions['prometheus']
  /** How long all samples may take to arrive after the faults. */
  readonly settleMs: number
}

/**
 * Injects faults, then compares everything stored with Prometheus' database; the sidecar's own audit must find no
 * differences.
 */
export async function verifyInvariant(context: TestContext, options: InvariantOptions): Promise<void> {
  const { seed, flaskApp, faults, settleMs, format = 'external', prometheus = {} } = options
  const random = seededRandom(seed)
  const stack = await Stack.start(context, {
    random,
    jobs: [{ job: 'flask-app', target: flaskApp, interval: '10s' }],
    sidecar: { flags: ['--audit.every=1m', `--stackdriver.metrics-format=${format}`] },
    prometheus,
  })
  const audits = new AuditTotals(stack)
  const log: string[] = []
  try {
    await playFaults(stack, { ...faults, random, log, beforeStop: () => audits.note() })
    await stack.emulator.clearFaults()
    const { expected, stored, missing } = await stack.verifyAll('after the faults', { withinMs: settleMs })
    await audits.note()
    context.diagnostic(
      `seed ${seed}: ${expected} convertible samples, ${stored} points stored, ${missing.length} refused on purpose; ${audits.samples} raw samples in the sidecar's audits, ${audits.differences} differences`,
    )
    assert.ok(expected > 300, `only ${expected} samples were expected`)
    assert.equal(audits.differences, 0, stack.sidecar.output.slice(-5000))
    if (faults.durationSeconds > 600)
      assert.ok(audits.samples > expected / 10, 'the sidecar’s own audits compared many samples')
  } finally {
    context.diagnostic(`seed ${seed}: ${log.join(', ')}`)
  }
}

/** The results of the audits of all processes of a sidecar: each process counts from 0. */
class AuditTotals {
  readonly #stack: Stack
  #samples = 0
  #differences = 0

  constructor(stack: Stack) {
    this.#stack = stack
  }

  get samples(): number {
    return this.#samples
  }

  get differences(): number {
    return this.#differences
  }

  /** Call it when a process is about to end. */
  async note(): Promise<void> {
    const { sidecar } = this.#stack
    this.#samples += await sidecar.metric('prometheus_sidecar_audit_samples')
    this.#differences += await sidecar.metric('prometheus_sidecar_audit_differences')
  }
}

/** Runs flask-app as its image does, under load. Returns the address of its metrics. */
export async function startFlaskApp(context: TestContext): Promise<string> {
  const [port, metricsPort] = [await freePort(), await freePort()]
  const { child } = await Child.start('flask-app', [...NODE, 'apps/flask-app/src/main.ts'], {
    ready: /./,
    env: {
      PORT: `${port}`,
      METRICS_PORT: `${metricsPort}`,
      WORKERS: '1',
      CHAOS_TARGET_PERCENT: '10',
      OTEL_TRACES_EXPORTER: 'none',
    },
  })
  await eventually('flask-app answers', async () => (await fetch(`http://127.0.0.1:${port}/`)).status > 0, {
    detail: () => child.output,
  })
  const load = setInterval(() => {
    fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.text(),
      () => {},
    )
  }, 50)
  context.after(async () => {
    clearInterval(load)
    await child.stop('SIGKILL')
  })
  return `127.0.0.1:${metricsPort}`
}
