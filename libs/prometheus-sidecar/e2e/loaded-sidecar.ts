import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@node-to-cloud/bench'
import nodeOptions from '../bin/node-options.json' with { type: 'json' }
import { Child, NODE } from './child.ts'

/** A sidecar that receives many series, and a Prometheus and a Cloud Monitoring API that only count. */
export class LoadedSidecar {
  readonly child: Child
  readonly #webPort: number
  readonly #children: readonly Child[]
  readonly #folder: string

  private constructor(child: Child, webPort: number, children: readonly Child[], folder: string) {
    this.child = child
    this.#webPort = webPort
    this.#children = children
    this.#folder = folder
  }

  /**
   * @param options - `roundMs`: how often each series has a sample; `flags`: additional flags of the sidecar;
   * `heapMebibytes`: of V8; `series`: default all types
   */
  static async start(options: {
    readonly targets: number
    readonly roundMs: number
    readonly flags?: readonly string[]
    readonly heapMebibytes?: number
    readonly series?: 'all types' | 'gauges'
  }): Promise<LoadedSidecar> {
    const folder = await mkdtemp(join(tmpdir(), 'loaded-sidecar-'))
    const [http, grpc, web] = [await freePort(), await freePort(), await freePort()]
    const ports = [http, grpc, web, options.targets, options.roundMs].map(String)
    const protocol = options.series === 'gauges' ? 'gauges' : '1.0'
    const surroundings = ['libs/prometheus-sidecar/bench/load/surroundings.ts', ...ports, protocol]
    const { child: around } = await Child.start('surroundings', [...NODE, ...surroundings], {
      ready: /ready/,
      readyWithinMs: 300_000,
    })
    const sidecar = Child.start(
      'prometheus-sidecar',
      [
        ...NODE,
        ...nodeOptions.flags,
        'libs/prometheus-sidecar/src/main.ts',
        '--stackdriver.project-id=p',
        '--stackdriver.kubernetes.location=l',
        '--stackdriver.kubernetes.cluster-name=c',
        `--stackdriver.api-address=http://127.0.0.1:${grpc}/?auth=false`,
        `--prometheus.api-address=http://127.0.0.1:${http}/`,
        `--web.listen-address=127.0.0.1:${web}`,
        `--state-file=${join(folder, 'state')}`,
        '--log.level=info',
        ...(options.flags ?? []),
      ],
      {
        ready: /The sidecar is at/,
        env: {
          ...nodeOptions.environment,
          ...(options.heapMebibytes !== undefined && {
            NODE_OPTIONS: `--max-old-space-size=${options.heapMebibytes}`,
          }),
        },
      },
    )
    try {
      const { child } = await sidecar
      return new LoadedSidecar(child, web, [child, around], folder)
    } catch (error) {
      await around.stop('SIGKILL')
      throw error
    }
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.#webPort}/metrics`)).text()
  }

  /** The largest resident memory so far, in KiB. */
  async peakKiB(): Promise<number> {
    const status = await readFile(`/proc/${this.child.process.pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1])
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop('SIGKILL')))
    await rm(this.#folder, { recursive: true })
  }
}

/** The first series of a metric in an exposition; NaN if there is none. */
export function numberOf(metrics: string, name: string): number {
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, 'm').exec(metrics)?.[1] ?? Number.NaN)
}
