import { createHash } from 'node:crypto'
import type { ScrapeJob } from '../config/scrape-config.ts'
import type { Target } from '../model/target.ts'

/** A target to scrape. */
export interface ScrapeTarget extends Target {
  readonly job: ScrapeJob
  readonly url: string
}

const PARAM_LABEL = '__param_'

/**
 * The targets of jobs, without duplicates. As in Prometheus, labels that start with `__` are only discovered labels.
 */
export function scrapeTargets(jobs: readonly ScrapeJob[]): ScrapeTarget[] {
  const targets = new Map<string, ScrapeTarget>()
  for (const job of jobs) {
    for (const { targets: addresses, labels } of job.groups) {
      for (const address of addresses) {
        const target = makeTarget(job, address, labels)
        const key = JSON.stringify([target.url, [...target.labels].sort()])
        if (!targets.has(key)) targets.set(key, target)
      }
    }
  }
  return [...targets.values()]
}

function makeTarget(job: ScrapeJob, address: string, groupLabels: Readonly<Record<string, string>>): ScrapeTarget {
  const discovered = new Map<string, string>([
    ['__address__', address],
    ['__metrics_path__', job.metricsPath],
    ['__scheme__', job.scheme],
    ['__scrape_interval__', `${job.intervalMs / 1000}s`],
    ['__scrape_timeout__', `${job.timeoutMs / 1000}s`],
    ['job', job.name],
  ])
  for (const [name, value] of job.params) {
    const label = `${PARAM_LABEL}${name}`
    if (!discovered.has(label)) discovered.set(label, value)
  }
  for (const [name, value] of Object.entries(groupLabels)) {
    if (value === '') discovered.delete(name)
    else discovered.set(name, value)
  }
  const scheme = discovered.get('__scheme__') ?? job.scheme
  const host = withPort(discovered.get('__address__') ?? address, scheme)
  const labels = new Map([...discovered].filter(([name]) => !name.startsWith('__')))
  if (!labels.has('instance')) labels.set('instance', host)
  return { job, url: urlOf(scheme, host, discovered, job), labels, discoveredLabels: discovered }
}

function withPort(address: string, scheme: string): string {
  const hasPort = /:\d+$/.test(address) && !(address.includes('::') && !address.includes(']'))
  return hasPort ? address : `${address}:${scheme === 'https' ? 443 : 80}`
}

/** As in Prometheus, a `__param_…` label replaces the first value of its parameter. */
function urlOf(scheme: string, host: string, discovered: ReadonlyMap<string, string>, job: ScrapeJob): string {
  const path = discovered.get('__metrics_path__') ?? job.metricsPath
  const url = new URL(`${scheme}://${host}${path.startsWith('/') ? '' : '/'}${path}`)
  const params = new Map<string, string[]>()
  for (const [name, value] of job.params) params.set(name, [...(params.get(name) ?? []), value])
  for (const [label, value] of discovered) {
    if (!label.startsWith(PARAM_LABEL)) continue
    const name = label.slice(PARAM_LABEL.length)
    params.set(name, [value, ...(params.get(name) ?? []).slice(1)])
  }
  for (const [name, values] of params) for (const value of values) url.searchParams.append(name, value)
  return url.href
}

/** How long after startup a target is first scraped: spread over the targets, and always the same for each. */
export function scrapeOffsetMs(target: ScrapeTarget, withinMs: number): number {
  const digest = createHash('sha256').update(target.url).digest()
  return (digest.readUInt32BE(0) / 2 ** 32) * withinMs
}
