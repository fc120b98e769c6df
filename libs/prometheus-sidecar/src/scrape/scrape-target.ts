import { createHash } from 'node:crypto'
import type { ScrapeJob } from '../config/scrape-config.ts'
import type { Target } from '../model/target.ts'

/** A target to scrape. */
export interface ScrapeTarget extends Target {
  readonly job: ScrapeJob
  readonly url: string
}

/**
 * The targets of jobs, without duplicates. As in Prometheus, labels that begin with `__` are only discovered labels.
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
  for (const [name, value] of job.params)
    if (!discovered.has(`__param_${name}`)) discovered.set(`__param_${name}`, value)
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

function urlOf(scheme: string, host: string, discovered: ReadonlyMap<string, string>, job: ScrapeJob): string {
  const path = discovered.get('__metrics_path__') ?? job.metricsPath
  const url = new URL(`${scheme}://${host}${path.startsWith('/') ? '' : '/'}${path}`)
  for (const [name, value] of job.params) url.searchParams.append(name, value)
  for (const [label, value] of discovered) {
    if (label.startsWith('__param_')) url.searchParams.set(label.slice('__param_'.length), value)
  }
  return url.href
}

/** How long after the start a target is first scraped: spread over the targets, and always the same for a target. */
export function scrapeOffsetMs(target: ScrapeTarget, withinMs: number): number {
  const digest = createHash('sha256').update(target.url).digest()
  return (digest.readUInt32BE(0) / 2 ** 32) * withinMs
}
