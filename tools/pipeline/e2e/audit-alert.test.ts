import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { portsOf } from '../src/parts/ports.ts'
import { FaultLab } from './faults/fault-lab.ts'
import { has, PipelineRun } from './pipeline-run.ts'
import { QuickPolicies } from './quick-policies.ts'

const OFFSET = 23_000
const PORTS = portsOf(OFFSET)
const POLICY = 'pipeline-audit-differences'
const PATIENCE_MS = 600_000
const AUDIT_MS = 20_000
/** Longer than the time between two scrapes. */
const LOST_MS = 15_000
/** Until each target was scraped and its samples were sent again. */
const FORGOTTEN_MS = 14_000
const POLL_MS = 1000

test('the alert policy on the audit fires and closes when samples are lost on their way to the sidecar', {
  skip: !has('prometheus') && 'no prometheus in PATH',
  timeout: 3 * PATIENCE_MS,
}, async (t) => {
  const lab = new FaultLab()
  const args = ['start', '--prometheus', '--audit-every', `${AUDIT_MS}ms`, '--port-offset', String(OFFSET)]
  const run = new PipelineRun(args, { env: { ...lab.env } })
  t.after(async () => {
    await lab.close()
    run.child.kill('SIGTERM')
    await run.closed
  })
  await run.until('the table of types', () => run.stdout.includes('Everything has arrived.'), PATIENCE_MS)
  const policies = new QuickPolicies(`http://127.0.0.1:${PORTS.emulatorHttp}`)
  await policies.create()
  const audited = async (): Promise<{ samples: number; differences: number }> => {
    const metrics = await (await fetch(`http://127.0.0.1:${PORTS.sidecar}/metrics`)).text()
    const sum = (name: string): number =>
      [...metrics.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'gm'))].reduce(
        (all, [, n]) => all + Number(n),
        0,
      )
    return {
      samples: sum('prometheus_sidecar_audit_samples_total'),
      differences: sum('prometheus_sidecar_audit_differences_total'),
    }
  }
  await run.until('a first audit', async () => (await audited()).samples > 0, PATIENCE_MS)
  const before = await audited()

  const { pid } =
    run.processes(OFFSET).find(({ command }) => command.includes('prometheus-sidecar/src/main')) ??
    assert.fail('no process of the sidecar')
  const isFound = async (): Promise<boolean> => (await audited()).differences > before.differences
  // The audit looks at some of the time only, so this is done until it does.
  for (const deadline = performance.now() + PATIENCE_MS; !(await isFound()); ) {
    assert.ok(performance.now() < deadline, 'the audit found no difference in time')
    lab.have(pid, 'loseWrites')
    await sleep(LOST_MS)
    lab.have(pid, 'forgetSamples')
    await sleep(FORGOTTEN_MS)
    lab.have(pid)
    for (let waitedMs = 0; waitedMs < 2 * AUDIT_MS && !(await isFound()); waitedMs += POLL_MS) await sleep(POLL_MS)
  }
  await lab.end()
  t.diagnostic(`found: ${(await audited()).differences - before.differences} differences`)
  await run.until(
    'an incident',
    async () => (await policies.without([POLICY], { open: true })).length === 0,
    PATIENCE_MS,
  )
  t.diagnostic('fires')
  await run.until('its end', async () => (await policies.without([POLICY], { open: false })).length === 0, PATIENCE_MS)
  t.diagnostic('closes')
})
