import type { ScrapeJob } from './scrape-config.ts'

/** Characters in the value of a resource label: https://cloud.google.com/monitoring/quotas. */
export const MAX_RESOURCE_VALUE = 1024

export const LOCATION_ALLOWED =
  'a zone, a region or global, such as us-central1-a, us-central1 or aws:us-east-1a: lower-case letters, digits and hyphens'

/**
 * Google has a list of locations, to which some are added every year; this is their form. Other providers' begin with
 * their name and a colon.
 */
const LOCATION = /^(?:[a-z]+:)?[a-z0-9]+(?:-[a-z0-9]+)*$/

/** Whether a value has the form of a location in the labels of a monitored resource. */
export function isLocation(value: string): boolean {
  return value.length <= MAX_RESOURCE_VALUE && LOCATION.test(value)
}

/** The resource types whose `location` Cloud Monitoring is known to compare with its list. */
const LOCATED_TYPES: ReadonlySet<string> = new Set([
  'generic_node',
  'generic_task',
  'k8s_cluster',
  'k8s_container',
  'k8s_node',
  'k8s_pod',
  'k8s_service',
  'prometheus_target',
])

/** Why Cloud Monitoring would refuse a label of a monitored resource; undefined if it would not. */
export function resourceValueProblem(type: string, name: string, value: string): string | undefined {
  if (value.length > MAX_RESOURCE_VALUE)
    return `the value of ${name} has ${value.length} characters; at most ${MAX_RESOURCE_VALUE} are allowed`
  if (name === 'location' && LOCATED_TYPES.has(type) && !isLocation(value))
    return `location is ${JSON.stringify(value)}; it must be ${LOCATION_ALLOWED}`
  return undefined
}

/** The same for the labels of scraped targets that become labels of their `prometheus_target`. */
export function targetProblems(jobs: readonly ScrapeJob[]): string[] {
  return jobs.flatMap(({ name: job, groups }) =>
    groups.flatMap(({ labels }) =>
      ['location', 'cluster', 'namespace'].flatMap((name) => {
        const value = labels[name] ?? ''
        const problem = value === '' ? undefined : resourceValueProblem('prometheus_target', name, value)
        return problem === undefined ? [] : [`the labels of a target of ${JSON.stringify(job)}: ${problem}`]
      }),
    ),
  )
}
