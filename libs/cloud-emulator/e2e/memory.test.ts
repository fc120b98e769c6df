import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import nodeOptions from '../bin/node-options.json' with { type: 'json' }

const SERIES = 10_000
const POINTS = SERIES * 720
const MAX_MEGABYTES = 300
const SETTLES_WITHIN_MS = 30_000

test(`10,000 series with 6 h at 30 s, a tenth of them distributions, take less than ${MAX_MEGABYTES} MB`, {
  timeout: 300_000,
}, async (context) => {
  const program = join(import.meta.dirname, 'filled-emulator.ts')
  const flags = [...nodeOptions.flags, '--conditions=@node-to-cloud/source']
  const child = spawn(process.execPath, [...flags, program, String(SERIES)], {
    env: { ...process.env, ...nodeOptions.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  context.after(() => child.kill('SIGKILL'))
  const [output] = await once(child.stdout, 'data')
  const summary: Record<string, unknown> = JSON.parse(
    await (await fetch(`${String(output).trim()}/api/summary`)).text(),
  )
  const { series, points, pointsRefused } = summary
  assert.deepEqual({ series, points, pointsRefused }, { series: SERIES, points: POINTS, pointsRefused: 0 })
  const residentMegabytes = (): number =>
    Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024
  // On a busy machine garbage collection ends later than the fill.
  const deadline = performance.now() + SETTLES_WITHIN_MS
  while (residentMegabytes() >= MAX_MEGABYTES && performance.now() < deadline) {
    await (await fetch(`${String(output).trim()}/api/summary`)).text()
  }
  const megabytes = residentMegabytes()
  context.diagnostic(`${Math.round(megabytes)} MB`)
  assert.ok(megabytes < MAX_MEGABYTES, `${megabytes} MB`)
})
