import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@node-to-cloud/bench'

const FEATURES = [
  'promql-experimental-functions',
  'promql-duration-expr',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
]

/**
 * Starts a Prometheus server without series, with all language features enabled. Resolves to its URL; it is stopped
 * after the test.
 */
export async function startPrometheus(context: TestContext, program: string, maxSamples: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'))
  const config = join(folder, 'prometheus.yml')
  writeFileSync(config, '{}')
  const address = `127.0.0.1:${await freePort()}`
  const flags = { 'config.file': config, 'storage.tsdb.path': folder, 'web.listen-address': address }
  const limits = { 'query.max-samples': maxSamples, 'enable-feature': FEATURES.join() }
  const args = Object.entries({ ...flags, ...limits }).map(([name, value]) => `--${name}=${value}`)
  const child = spawn(program, args, { stdio: 'ignore' })
  context.after(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const url = `http://${address}`
  while (child.exitCode === null) {
    const { ok } = await fetch(`${url}/-/ready`).catch(() => ({ ok: false }))
    if (ok) return url
    await sleep(50)
  }
  throw new Error(`Prometheus exited with code ${child.exitCode}.`)
}
