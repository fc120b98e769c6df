import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts, PinnedProcess, processors, type Scenario } from '@node-to-cloud/bench'
import nodeOptions from '../bin/node-options.json' with { type: 'json' }

const WARM_UP_SECONDS = 6
const MEASURED_SECONDS = 6
/** With 155 series each, 19,220 series. */
const TARGETS = 124

/** Google's sidecar wrote 84,000 points per CPU-second where bare Fastify answered 77,000 requests: a ratio of 1.1. */
const OF_FASTIFY = 2.8

const node = [process.execPath, '--conditions=@node-to-cloud/source'] as const
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

async function bareFastify(): Promise<number> {
  const [port = 0] = await freePorts(1)
  const server = new PinnedProcess([...node, file('load/bare-fastify.ts'), String(port)], {
    processor: processors.underTest,
  })
  try {
    await server.answers(`http://127.0.0.1:${port}/count`)
    const load = new PinnedProcess([...node, file('load/http-load.ts'), String(port)], { processor: processors.load })
    try {
      return await perCpuSecond(server, async () =>
        Number(await (await fetch(`http://127.0.0.1:${port}/count`)).text()),
      )
    } finally {
      await load.stop()
    }
  } finally {
    await server.stop()
  }
}

async function sidecar(protocol: '1.0' | '2.0' | 'native', format: 'external' | 'gmp'): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'sidecar-bench-'))
  const [http = 0, grpc = 0, web = 0] = await freePorts(3)
  const surroundings = new PinnedProcess(
    [...node, file('load/surroundings.ts'), ...[http, grpc, web, TARGETS, 0].map(String), protocol],
    {
      processor: processors.load,
    },
  )
  try {
    await surroundings.answers(`http://127.0.0.1:${http}/count`)
    const flags = [
      '--stackdriver.project-id=demo-project',
      '--stackdriver.kubernetes.location=us-central1',
      '--stackdriver.kubernetes.cluster-name=demo',
      `--stackdriver.api-address=http://127.0.0.1:${grpc}/?auth=false`,
      `--prometheus.api-address=http://127.0.0.1:${http}/`,
      `--web.listen-address=127.0.0.1:${web}`,
      `--state-file=${join(folder, 'state')}`,
      `--stackdriver.metrics-format=${format}`,
      '--histogram.learning-period=3s',
      '--log.level=error',
    ]
    const underTest = new PinnedProcess([...node, ...nodeOptions.flags, file('../src/main.ts'), ...flags], {
      processor: processors.underTest,
      env: nodeOptions.environment,
    })
    try {
      await underTest.answers(`http://127.0.0.1:${web}/healthz`)
      return await perCpuSecond(underTest, async () => {
        const answer = await fetch(`http://127.0.0.1:${http}/count`)
        const { data }: { data: { points: number } } = JSON.parse(await answer.text())
        return data.points
      })
    } finally {
      await underTest.stop()
    }
  } finally {
    await surroundings.stop()
    await rm(folder, { recursive: true })
  }
}

async function perCpuSecond(underTest: PinnedProcess, count: () => Promise<number>): Promise<number> {
  await seconds(WARM_UP_SECONDS)
  const countBefore = await count()
  const cpuBefore = underTest.cpuSeconds()
  await seconds(MEASURED_SECONDS)
  return ((await count()) - countBefore) / (underTest.cpuSeconds() - cpuBefore)
}

function seconds(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration * 1000))
}

export const scenario: Scenario = {
  name: 'prometheus-sidecar',
  description:
    'Points that the sidecar writes per CPU-second, from remote_write with a state file to gRPC, for 19,220 series (gauges, counters, histograms of 17 parts), against an API that only counts; compared with the requests that bare Fastify answers per CPU-second.',
  unit: 'per CPU-second',
  baseline: 'bare Fastify, requests',
  variants: [
    { name: 'bare Fastify, requests', measure: bareFastify },
    { name: 'sidecar, points', measure: () => sidecar('1.0', 'external') },
    { name: 'sidecar, points, remote_write 2.0', measure: () => sidecar('2.0', 'external') },
    { name: 'sidecar, points, format gmp', measure: () => sidecar('1.0', 'gmp') },
    { name: 'sidecar, points, remote_write 2.0, format gmp', measure: () => sidecar('2.0', 'gmp') },
    { name: 'sidecar, points, native histograms', measure: () => sidecar('native', 'external') },
  ],
  bounds: [
    { variant: 'sidecar, points', atLeast: OF_FASTIFY },
    { variant: 'sidecar, points, remote_write 2.0', atLeast: OF_FASTIFY },
    { variant: 'sidecar, points, format gmp', atLeast: OF_FASTIFY },
    { variant: 'sidecar, points, remote_write 2.0, format gmp', atLeast: OF_FASTIFY },
    { variant: 'sidecar, points, remote_write 2.0', of: 'sidecar, points', atLeast: 1 },
    { variant: 'sidecar, points, remote_write 2.0, format gmp', of: 'sidecar, points, format gmp', atLeast: 1 },
  ],
}
