import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The code of a cluster's program for a test; it may use whatever is imported in {@link writeClusterProgram}. */
export interface ClusterProgram {
  /** Additional options of `runPrimary`, as members of an object. */
  readonly primaryOptions?: string
  /** What a worker does first, before it has telemetry. */
  readonly beforeStart?: string
  /** Additional registries of a worker, as the text of an array. */
  readonly registries?: string
  /** What a worker registers in `registry`. */
  readonly register?: string
}

const source = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)))

/**
 * Writes the program of a service with two workers, which respond to each request with their pid; they listen on PORT.
 *
 * @returns the module of its primary
 */
export function writeClusterProgram(program: ClusterProgram = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'telemetry-cluster-'))
  const [primary, worker] = [join(folder, 'primary.mjs'), join(folder, 'worker.mjs')]
  writeFileSync(
    primary,
    `import { readEnvironment, telemetryEnvironment } from ${source('index.ts')}
     import { runPrimary } from ${source('cluster/primary.ts')}
     import { createShutdown } from ${source('process/shutdown.ts')}
     await runPrimary({
       service: { name: 'test', version: '1.2.3' },
       environment: readEnvironment(telemetryEnvironment({ metricsPort: 0 })),
       shutdown: createShutdown(),
       workers: 2,
       exec: ${JSON.stringify(worker)},
       reloadOnSighup: true,
       ${program.primaryOptions ?? ''}
     })`,
  )
  writeFileSync(
    worker,
    `import { existsSync } from 'node:fs'
     import { createServer } from 'node:http'
     import { joinCluster } from ${source('cluster/worker.ts')}
     import { installWorkerSignals } from ${source('cluster/worker-signals.ts')}
     import { Counter, Gauge, Histogram, readEnvironment, startTelemetry, telemetryEnvironment } from ${source('index.ts')}
     import { Drain } from ${source('process/drain.ts')}
     import { createShutdown } from ${source('process/shutdown.ts')}
     const shutdown = createShutdown({ signals: [] })
     installWorkerSignals(shutdown)
     ${program.beforeStart ?? ''}
     const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
     const service = { name: 'test', version: '1.2.3' }
     const telemetry = await startTelemetry({ service, environment, shutdown, role: 'worker', registries: ${program.registries ?? '[]'} })
     const { registry } = telemetry
     const worker = joinCluster({ telemetry })
     ${program.register ?? ''}
     const server = createServer((_request, response) => response.end(String(process.pid)))
     const drain = new Drain()
     drain.watch(server)
     shutdown.add('HTTP server', () => drain.begin())
     server.listen(Number(process.env.PORT), '127.0.0.1', () => worker.setReady('http://127.0.0.1:' + server.address().port + '/'))`,
  )
  return primary
}
