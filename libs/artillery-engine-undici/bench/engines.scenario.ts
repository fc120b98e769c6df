import { fileURLToPath } from 'node:url'
import {
  freePort,
  LOCUST_VERSION,
  locustProgram,
  PinnedProcess,
  processors,
  type Scenario,
  type Variant,
} from '@node-to-cloud/bench'

const CONNECTIONS = 50
const WARM_UP_SECONDS = 3
const MEASURED_SECONDS = 4

const node = [process.execPath, '--conditions=@node-to-cloud/source'] as const
const file = (name: string): string => fileURLToPath(new URL(`generators/${name}`, import.meta.url))

/** A load generator with fifty connections, each requesting without pause, on a processor of its own. */
function generator(
  name: string,
  command: (url: string, http2Url: string) => readonly [string, ...string[]] | undefined,
): Variant {
  return {
    name,
    async measure() {
      const port = await freePort()
      const http2Port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const line = command(url, `http://127.0.0.1:${http2Port}`)
      if (line === undefined) return undefined
      const server = new PinnedProcess([...node, file('hello-server.ts'), String(port), String(http2Port)], {
        processor: processors.load,
      })
      try {
        await server.answers(`${url}/count`)
        const load = new PinnedProcess(line, {
          processor: processors.underTest,
          env: { ARTILLERY_DISABLE_TELEMETRY: '1' },
        })
        try {
          return await requestsPerCpuSecond(load, `${url}/count`)
        } finally {
          await load.stop()
        }
      } finally {
        await server.stop()
      }
    },
  }
}

async function requestsPerCpuSecond(load: PinnedProcess, countUrl: string): Promise<number> {
  const count = async (): Promise<number> => Number(await (await fetch(countUrl)).text())
  const deadline = performance.now() + 30_000
  while ((await count()) < CONNECTIONS) {
    if (load.child.exitCode !== null) throw new Error(`${load.child.spawnargs.join(' ')} ended`)
    if (performance.now() > deadline) throw new Error(`${load.child.spawnargs.join(' ')} sends no requests`)
    await seconds(0.1)
  }
  await seconds(WARM_UP_SECONDS)
  const countBefore = await count()
  const cpuBefore = load.cpuSeconds()
  await seconds(MEASURED_SECONDS)
  return ((await count()) - countBefore) / (load.cpuSeconds() - cpuBefore)
}

function seconds(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration * 1000))
}

function locust(url: string): readonly [string, ...string[]] | undefined {
  const program = locustProgram()
  const users = String(CONNECTIONS)
  const options = ['-f', file('locustfile.py'), '--headless', '-u', users, '-r', users, '--loglevel', 'ERROR']
  return program === undefined ? undefined : [program, ...options, '--host', url]
}

const OURS = "this engine on Artillery's runner"
const HTTP2 = 'the same over HTTP/2'
const THEIRS = "Artillery's own engine"
const LOCUST = `Locust ${LOCUST_VERSION}, FastHttpUser`

export const scenario: Scenario = {
  name: 'engines',
  description: `Load generators, closed model: ${CONNECTIONS} users on one CPU request a small text without pausing.`,
  unit: 'requests/CPU-second',
  baseline: THEIRS,
  variants: [
    generator(THEIRS, (url) => [...node, file('artillery.ts'), 'http', url]),
    generator(OURS, (url) => [...node, file('artillery.ts'), 'undici', url]),
    generator(HTTP2, (_url, http2Url) => [...node, file('artillery.ts'), 'undici', http2Url, 'http2']),
    generator(LOCUST, locust),
  ],
  bounds: [
    { variant: OURS, of: LOCUST, atLeast: 2.5 },
    { variant: OURS, of: THEIRS, atLeast: 4 },
    { variant: HTTP2, of: OURS, atLeast: 0.6 },
  ],
}
