import { nearest } from '@node-to-cloud/command-line'
import type { ScriptDocument } from '../../artillery/script-document.ts'
import type { EndpointMetric } from '../../contract/run-report.ts'
import { asRecord } from '../plain-object.ts'
import { ScriptError } from '../script-error.ts'
import { SUMMARY_VALUES } from './summary-values.ts'

/** How names of metrics by endpoint begin, unless the script chooses another namespace. */
export const ENDPOINT_METRICS = 'plugins.metrics-by-endpoint'

const METHODS: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options'])

interface Step {
  readonly url: string
  readonly name: string | undefined
}

/** What the requests of a script are called by Artillery's plugin metrics-by-endpoint, and in the statistics. */
export interface EndpointNames {
  /**
   * The metric of a name such as `plugins.metrics-by-endpoint.response_time./items.p95` or `….codes.200`.
   *
   * @returns undefined if the name is in another namespace.
   * @throws ScriptError for an endpoint that the script does not have, or a value that there is not.
   */
  resolve(name: string, field: string): EndpointMetric | undefined
  /** Whether a name is in the plugin's namespace. */
  has(name: string): boolean
  /** Names of metrics that there are. */
  examples(): readonly string[]
  /** Regular expressions of the names of all metrics that there are. */
  patterns(): readonly string[]
  /** Artillery's name of the endpoint by the name of its series. */
  readonly bySeries: ReadonlyMap<string, string>
}

/** Reads the endpoints of a script, with the settings of the plugin that `artillery run` has. */
export function endpointNames({ config, scenarios = [] }: Pick<ScriptDocument, 'config' | 'scenarios'>): EndpointNames {
  const given = asRecord(config.plugins?.['metrics-by-endpoint'])
  const { metricsNamespace, stripQueryString, useOnlyRequestNames } = given ?? { stripQueryString: true }
  const namespace = typeof metricsNamespace === 'string' ? metricsNamespace : ENDPOINT_METRICS
  const series = new Map<string, Set<string>>()
  const bySeries = new Map<string, string>()
  for (const { url, name } of scenarios.flatMap(({ flow }) => stepsOf(flow))) {
    const path = pathOf(url, config.target, stripQueryString === true)
    const endpoint = name === undefined ? path : useOnlyRequestNames === true ? name : `${path} (${name})`
    const own = name ?? url
    // Requests of one name are one series, wherever they go.
    bySeries.set(own, bySeries.has(own) && bySeries.get(own) !== endpoint ? own : endpoint)
    series.set(endpoint, (series.get(endpoint) ?? new Set()).add(own))
  }
  for (const own of bySeries.keys()) if (!series.has(own)) series.set(own, new Set([own]))
  return {
    bySeries,
    examples: () => [...series.keys()].map((endpoint) => `${namespace}.response_time.${endpoint}.p95`),
    has: (name) => name.startsWith(`${namespace}.`),
    patterns: () =>
      [...series.keys()].flatMap((endpoint) => [
        `${escaped(`${namespace}.response_time.${endpoint}.`)}\\w+`,
        `${escaped(`${namespace}.${endpoint}.`)}(?:codes|errors)\\.\\w+`,
      ]),
    resolve(name, field) {
      if (!name.startsWith(`${namespace}.`)) return undefined
      const [endpoint, value] = splitName(name.slice(namespace.length + 1), field)
      const names = series.get(endpoint)
      if (names === undefined) {
        const meant = nearest(endpoint, [...series.keys()])
        const hint = meant === undefined ? `it has ${[...series.keys()].join(', ')}` : `did you mean ${meant}?`
        throw ScriptError.at(
          field,
          `names the endpoint ${JSON.stringify(endpoint)}, which the script does not have; ${hint}`,
        )
      }
      const shared = [...names].find((own) => own !== endpoint && bySeries.get(own) !== endpoint)
      if (shared !== undefined)
        throw ScriptError.at(
          field,
          `names the endpoint ${JSON.stringify(endpoint)}, but requests to several URLs are named ${JSON.stringify(shared)} and counted together; use ${JSON.stringify(shared)}`,
        )
      return { series: [...names], value }
    },
  }
}

/** A regular expression that matches exactly this text. */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function splitName(rest: string, field: string): [endpoint: string, value: string] {
  const timed = /^response_time\.(.*)\.([^.]*)$/s.exec(rest)
  if (timed !== null) {
    const [, endpoint = '', value = ''] = timed
    if ((SUMMARY_VALUES as readonly string[]).includes(value)) return [endpoint, value]
    throw ScriptError.at(field, `ends in ${JSON.stringify(value)}; it must end in one of ${SUMMARY_VALUES.join(', ')}`)
  }
  const counted = /^(.*)\.(codes\.\d{3}|errors\.[^.]+)$/s.exec(rest)
  if (counted !== null) return [counted[1] ?? '', counted[2] ?? '']
  throw ScriptError.at(
    field,
    'names no metric of an endpoint: there are response_time.ENDPOINT.p95, ENDPOINT.codes.200 and ENDPOINT.errors.ETIMEDOUT',
  )
}

/** The origins that full URLs of a script name. */
export function originsOf({ scenarios }: Pick<ScriptDocument, 'scenarios'>): string[] {
  const urls = scenarios.flatMap(({ flow }) => stepsOf(flow)).map(({ url }) => /^https?:\/\/[^/?#{]+/i.exec(url)?.[0])
  return urls.filter((url) => url !== undefined && URL.canParse(url)).map((url) => new URL(String(url)).origin)
}

/** The requests of a flow, with those in loops and parallels. */
function stepsOf(flow: unknown): Step[] {
  if (!Array.isArray(flow)) return []
  return flow.flatMap((step) => {
    const record = asRecord(step) ?? {}
    const inner = stepsOf(record.loop).concat(stepsOf(record.parallel))
    const own = Object.entries(record).flatMap(([method, value]): Step[] => {
      const params = METHODS.has(method.toLowerCase()) ? asRecord(value) : undefined
      const url = params?.url ?? params?.uri
      return typeof url === 'string' ? [{ url, name: typeof params?.name === 'string' ? params.name : undefined }] : []
    })
    return [...inner, ...own]
  })
}

/** As the plugin does: the path, after the host if that is not the target's. */
function pathOf(url: string, target: string | undefined, stripsQuery: boolean): string {
  const base = target !== undefined && URL.canParse(target) ? new URL(target) : undefined
  const [, origin, rest = url] = /^([a-z]+:\/\/[^/?#]*)(.*)$/is.exec(url) ?? []
  const path = (stripsQuery ? rest.replace(/[?#].*$/s, '') : rest.replace(/#.*$/s, '')) || '/'
  if (origin === undefined || base === undefined || !URL.canParse(origin)) return path
  const { hostname, port } = new URL(origin)
  return `${hostname === base.hostname ? '' : hostname}${port === '' || port === base.port ? '' : `:${port}`}${path}`
}
