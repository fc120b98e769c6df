import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { PinnedProcess, processors, type Scenario } from '@node-to-cloud/bench'

const WARM_UP_SECONDS = 6
const MEASURED_SECONDS = 6
const SERIES = 10_000
/** What one CPU must accept while the UI is open. */
const POINTS_PER_SECOND = 20_000

const NODE = [process.execPath, '--conditions=@node-to-cloud/source'] as const
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/**
 * Points per CPU-second of a server that 10,000 series are written to. `count` reads how many points it has accepted.
 */
async function measure(options: {
  command: (ports: { http: number; grpc: number }) => readonly string[]
  ready: string
  count: (answer: string) => number
  page: boolean
}): Promise<number> {
  const [http = 0, grpc = 0] = await freePorts(2)
  const url = `http://127.0.0.1:${http}${options.ready}`
  const underTest = new PinnedProcess([...NODE, ...options.command({ http, grpc })], {
    processor: processors.underTest,
  })
  const around: PinnedProcess[] = []
  try {
    await underTest.answers(url)
    around.push(
      new PinnedProcess([...NODE, file('load/write-metrics.ts'), String(grpc), String(SERIES)], {
        processor: processors.load,
      }),
    )
    if (options.page)
      around.push(new PinnedProcess([...NODE, file('load/open-page.ts'), String(http)], { processor: processors.load }))
    const points = async (): Promise<number> => options.count(await (await fetch(url)).text())
    await seconds(WARM_UP_SECONDS)
    const pointsBefore = await points()
    const cpuBefore = underTest.cpuSeconds()
    await seconds(MEASURED_SECONDS)
    return ((await points()) - pointsBefore) / (underTest.cpuSeconds() - cpuBefore)
  } finally {
    await Promise.all(around.map((process) => process.stop()))
    await underTest.stop()
  }
}

const emulator = (page: boolean) => () =>
  measure({
    command: ({ http, grpc }) => [
      file('../bin/cloud-emulator.js'),
      `--http.listen-address=127.0.0.1:${http}`,
      `--grpc.listen-address=127.0.0.1:${grpc}`,
      '--log.level=error',
    ],
    ready: '/api/summary',
    count: (answer) => {
      const { pointsAccepted }: { pointsAccepted: number } = JSON.parse(answer)
      return pointsAccepted
    },
    page,
  })

function seconds(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration * 1000))
}

async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    probes.map(async (probe) => {
      await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
      const address = probe.address()
      return address === null || typeof address === 'string' ? 0 : address.port
    }),
  )
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))))
  return ports
}

export const scenario: Scenario = {
  name: 'cloud-emulator',
  description:
    'Points that the emulator checks and stores a CPU-second, written over gRPC with 200 series a request: 10,000 series, a tenth of them distributions of 15 buckets; also while a page with 12 charts of an hour is open. Against a gRPC server that only decodes the same requests, and the 20,000 points a second of one CPU that are asked for.',
  unit: 'points/CPU-second',
  baseline: 'only decoding',
  variants: [
    {
      name: 'only decoding',
      measure: () =>
        measure({
          command: ({ http, grpc }) => [file('load/decode-only.ts'), String(http), String(grpc)],
          ready: '/count',
          count: Number,
          page: false,
        }),
    },
    { name: 'what is asked for', measure: async () => POINTS_PER_SECOND },
    { name: 'emulator', measure: emulator(false) },
    { name: 'emulator, page open', measure: emulator(true) },
  ],
  bounds: [
    { variant: 'emulator', atLeast: 0.3 },
    { variant: 'emulator, page open', of: 'emulator', atLeast: 0.5 },
    { variant: 'emulator, page open', of: 'what is asked for', atLeast: 1 },
  ],
}
