import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { freePort } from '@node-to-cloud/bench'
import { Child, eventually, NODE } from './child.ts'

/** Of 155 series each. */
const TARGETS = 646
const SERIES = TARGETS * 155
const LIMIT_KIB = 400 * 1024

it('holds 100,000 live series in less than 400 MB', { timeout: 240_000 }, async () => {
  assert.ok(SERIES >= 100_000)
  const folder = await mkdtemp(join(tmpdir(), 'sidecar-memory-'))
  const [http, grpc, web] = [await freePort(), await freePort(), await freePort()]
  const children: Child[] = []
  const start = async (command: readonly string[], ready: RegExp) => {
    const { child } = await Child.start(command[0] ?? '', [...NODE, ...command], { ready })
    children.push(child)
    return child
  }
  try {
    const ports = [http, grpc, web, TARGETS, 10_000].map(String)
    await start(['libs/prometheus-sidecar/bench/load/surroundings.ts', ...ports], /ready/)
    const sidecar = await start(
      [
        'libs/prometheus-sidecar/src/main.ts',
        '--stackdriver.project-id=p',
        '--stackdriver.kubernetes.location=l',
        '--stackdriver.kubernetes.cluster-name=c',
        `--stackdriver.api-address=http://127.0.0.1:${grpc}/?auth=false`,
        `--prometheus.api-address=http://127.0.0.1:${http}/`,
        `--web.listen-address=127.0.0.1:${web}`,
        `--state-file=${join(folder, 'state')}`,
        '--log.level=info',
      ],
      /The sidecar is at/,
    )
    await eventually(
      'all series are live and their histograms are known',
      async () => {
        const metrics = await (await fetch(`http://127.0.0.1:${web}/metrics`)).text()
        const produced = Number(/^prometheus_sidecar_samples_produced_total (\d+)/m.exec(metrics)?.[1])
        const series = Number(/^prometheus_sidecar_series (\d+)/m.exec(metrics)?.[1])
        return series >= SERIES && produced > SERIES * 3
      },
      { withinMs: 200_000, everyMs: 1000 },
    )
    const status = await readFile(`/proc/${sidecar.process.pid}/status`, 'utf8')
    const peakKiB = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1])
    assert.ok(peakKiB < LIMIT_KIB, `it used ${peakKiB} KiB at its peak`)
  } finally {
    await Promise.all(children.map((child) => child.stop('SIGKILL')))
    await rm(folder, { recursive: true })
  }
})
