import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findPeer } from '@node-to-cloud/peers'
import nodeOptions from '../../bin/node-options.json' with { type: 'json' }

/** The ports of a scraper and its surroundings. */
export interface ScraperPorts {
  readonly target: number
  readonly api: number
  /** For the scraper's own server. */
  readonly own: number
}

/** How a scraper is started. */
export interface ScraperProgram {
  readonly command: readonly [program: string, ...args: string[]]
  readonly env?: Readonly<Record<string, string>>
}

/** Writes the configuration of a scraper into a folder; returns its program, or undefined if it is not installed. */
export type Scraper = (folder: string, ports: ScraperPorts) => Promise<ScraperProgram | undefined>

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const TSC = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url))

const scrapeConfig = ({ target }: ScraperPorts) =>
  `scrape_configs: [{ job_name: bench, scrape_interval: 5s, static_configs: [{ targets: ['127.0.0.1:${target}'] }] }]`

/**
 * The sidecar's own scraper, compiled as in its image: Node's compiler for TypeScript would stay in its memory. Like the
 * Collector, it keeps no state on disk.
 */
export const sidecar: Scraper = async (folder, ports) => {
  execFileSync(process.execPath, [TSC, '-b', PROJECT], { stdio: ['ignore', 'ignore', 'inherit'] })
  const file = join(folder, 'prometheus.yml')
  await writeFile(file, `${scrapeConfig(ports)}\n`)
  const flags = [
    `--scrape.config=${file}`,
    '--stackdriver.project-id=demo-project',
    '--stackdriver.metrics-format=gmp',
    '--stackdriver.kubernetes.location=us-central1',
    '--stackdriver.kubernetes.cluster-name=demo',
    '--stackdriver.generic.namespace=default',
    `--stackdriver.api-address=http://127.0.0.1:${ports.api}/?auth=false`,
    `--web.listen-address=127.0.0.1:${ports.own}`,
    '--log.level=error',
  ]
  return {
    command: [process.execPath, ...nodeOptions.flags, join(PROJECT, 'dist/main.js'), ...flags],
    env: nodeOptions.environment,
  }
}

/** The OpenTelemetry Collector, configured as in the documentation of its exporter. */
export const collector: Scraper = async (folder, ports) => {
  const program = findPeer('opentelemetry-collector')
  if (program === undefined) {
    process.stderr.write('no Collector: node tools/peers/src/main.ts opentelemetry-collector builds it (needs Go)\n')
    return undefined
  }
  const file = join(folder, 'collector.yml')
  const attributes = Object.entries({ location: 'us-central1', cluster: 'demo', namespace: 'default' }).map(
    ([key, value]) => ({ key, value, action: 'upsert' }),
  )
  const lines = [
    'receivers:',
    `  prometheus: { config: { ${scrapeConfig(ports)} } }`,
    'processors:',
    '  batch: { send_batch_max_size: 200, send_batch_size: 200, timeout: 5s }',
    `  resource: { attributes: ${JSON.stringify(attributes)} }`,
    'exporters:',
    `  googlemanagedprometheus: { project: demo-project, metric: { endpoint: "127.0.0.1:${ports.api}", use_insecure: true } }`,
    'service:',
    '  telemetry: { metrics: { level: none }, logs: { level: error } }',
    '  pipelines: { metrics: { receivers: [prometheus], processors: [resource, batch], exporters: [googlemanagedprometheus] } }',
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  return { command: [program, `--config=${file}`] }
}
