import { fileURLToPath } from 'node:url'
import { freePorts, PinnedProcess, processors } from '@node-to-cloud/bench'

const WARM_UP_SECONDS = 6
const MEASURED_SECONDS = 6

const NODE = [process.execPath, '--conditions=@node-to-cloud/source'] as const

export interface Ports {
  readonly http: number
  readonly grpc: number
}

export const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** The emulator's command. */
export function emulatorCommand({ http, grpc }: Ports): readonly string[] {
  return [
    file('../bin/cloud-emulator.js'),
    `--http.listen-address=127.0.0.1:${http}`,
    `--grpc.listen-address=127.0.0.1:${grpc}`,
    '--otlp-http.listen-address=127.0.0.1:0',
    '--otlp-grpc.listen-address=127.0.0.1:0',
    '--log.level=error',
  ]
}

/**
 * What a server accepts per CPU-second while the programs in `load` write to it. `count` reads how much it has accepted
 * from its response at `ready`.
 */
export async function measureWrites(options: {
  command: (ports: Ports) => readonly string[]
  ready: string
  count: (answer: string) => number
  load: (ports: Ports) => readonly (readonly string[])[]
}): Promise<number> {
  const [http = 0, grpc = 0] = await freePorts(2)
  const url = `http://127.0.0.1:${http}${options.ready}`
  const underTest = new PinnedProcess([...NODE, ...options.command({ http, grpc })], {
    processor: processors.underTest,
  })
  const around: PinnedProcess[] = []
  try {
    await underTest.answers(url)
    for (const program of options.load({ http, grpc }))
      around.push(new PinnedProcess([...NODE, ...program], { processor: processors.load }))
    const accepted = async (): Promise<number> => options.count(await (await fetch(url)).text())
    await seconds(WARM_UP_SECONDS)
    const before = await accepted()
    const cpuBefore = underTest.cpuSeconds()
    await seconds(MEASURED_SECONDS)
    return ((await accepted()) - before) / (underTest.cpuSeconds() - cpuBefore)
  } finally {
    await Promise.all(around.map((process) => process.stop()))
    await underTest.stop()
  }
}

function seconds(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration * 1000))
}
