import { freePort } from '@node-to-cloud/bench'
import { Child, EndedError, eventually, NODE } from './child.ts'
import { metricSum } from './metric-sum.ts'

export interface SidecarOptions {
  readonly grpcAddress: string
  readonly prometheusUrl: string
  readonly stateFile: string
  readonly minSamplingPeriod?: string
  readonly flags?: readonly string[]
  /** A program to run instead of the binary. It may exit at any time, so starting does not wait until it listens. */
  readonly program?: string
  readonly env?: Readonly<Record<string, string>>
}

/** A prometheus-sidecar that can be stopped in any way, and restarted with the same port and state file. */
export class Sidecar {
  readonly options: SidecarOptions
  readonly port: number
  child: Child
  /** The output of its earlier processes. */
  earlierOutput = ''

  private constructor(options: SidecarOptions, port: number, child: Child) {
    this.options = options
    this.port = port
    this.child = child
  }

  static async start(options: SidecarOptions): Promise<Sidecar> {
    const port = await freePort()
    return new Sidecar(options, port, await launch(options, port))
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get output(): string {
    return this.earlierOutput + this.child.output
  }

  /** Restarts it after it ended, by default in the same way. */
  async restart(changes: Partial<SidecarOptions> = {}): Promise<void> {
    this.earlierOutput += this.child.output
    this.child = await launch({ ...this.options, ...changes }, this.port)
  }

  /** The sum of a metric's series on its /metrics; the name of a counter is without `_total`. */
  metric(name: string): Promise<number> {
    return metricSum(this.url, name)
  }
}

async function launch(options: SidecarOptions, port: number): Promise<Child> {
  const { child } = await Child.start(
    'prometheus-sidecar',
    [
      ...NODE,
      options.program ?? 'libs/prometheus-sidecar/src/main.ts',
      '--stackdriver.project-id=demo-project',
      `--stackdriver.api-address=http://${options.grpcAddress}/?auth=false`,
      '--stackdriver.kubernetes.location=us-central1',
      '--stackdriver.kubernetes.cluster-name=demo',
      '--stackdriver.generic.location=us-central1',
      '--stackdriver.generic.namespace=demo',
      `--stackdriver.min-sampling-period=${options.minSamplingPeriod ?? '0'}`,
      `--prometheus.api-address=${options.prometheusUrl}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--state-file=${options.stateFile}`,
      ...(options.flags ?? []),
    ],
    { ready: /./, env: options.env ?? {} },
  )
  if (options.program !== undefined) return child
  await eventually(
    'the sidecar listens',
    async () => {
      if (child.exited) throw new EndedError(`the sidecar ended: ${child.output}`)
      return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok
    },
    { detail: () => child.output.slice(-4000) },
  )
  return child
}
