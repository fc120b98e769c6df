import { nearest } from '@node-to-cloud/command-line'
import type { ScriptDocument } from '../../artillery/script-document.ts'
import type { EndpointMetric } from '../../contract/run-report.ts'
import { CREATED_BY_NAME } from '../../results/tally.ts'
import { asRecord } from '../plain-object.ts'
import { ScriptError } from '../script-error.ts'
import { type EndpointNames, endpointNames, escaped } from './endpoint-names.ts'
import { SUMMARY_VALUES } from './summary-values.ts'

const SINGLE_METRICS = [
  ...['http.requests', 'http.responses', 'http.downloaded_bytes', 'http.request_rate', 'error_rate'],
  ...['created', 'completed', 'failed', 'skipped', 'error_rate'].map((name) => `vusers.${name}`),
]
const SUMMARIES = [
  'http.response_time',
  ...[1, 2, 3, 4, 5].map((digit) => `http.response_time.${digit}xx`),
  ...['http.time_to_first_byte', 'vusers.session_length', 'vusers.start_lag'],
]
const EXTENDED_SUMMARIES = ['http.dns', 'http.tcp', 'http.tls', 'http.total']
const NUMBERED = /^(http\.codes\.\d{3}|errors\..+)$/
/** Custom metrics begin otherwise. */
const RESERVED = /^(http|vusers)\./
/** Plugins that the load tester replaces: the master checks bounds, and every endpoint has a series of its own. */
export const REPLACED_PLUGINS: readonly string[] = ['ensure', 'metrics-by-endpoint', 'publish-metrics']
const OWN_ENGINES: readonly string[] = ['http', 'undici']

/** The metric that a name stands for. */
export interface NamedMetric {
  readonly metric: string
  /** Set for a metric by endpoint. */
  readonly endpoint?: EndpointMetric
}

/** The metrics that a run of one script can have, by their names in Artillery. */
export class MetricNames {
  readonly #known: readonly string[]
  readonly #endpoints: EndpointNames
  readonly #hasCustom: boolean

  constructor(document: Pick<ScriptDocument, 'config' | 'scenarios'>) {
    const { config, scenarios = [] } = document
    const summaries = config.http?.extendedMetrics === true ? [...SUMMARIES, ...EXTENDED_SUMMARIES] : SUMMARIES
    this.#endpoints = endpointNames(document)
    this.#known = [
      ...SINGLE_METRICS,
      ...summaries.flatMap((name) => SUMMARY_VALUES.map((value) => `${name}.${value}`)),
      ...scenarios.map(({ name }, index) => `${CREATED_BY_NAME}${name ?? index}`),
    ]
    this.#hasCustom =
      Object.keys(asRecord(config.processor) ?? {}).length > 0 ||
      Object.keys(config.plugins ?? {}).some((name) => !REPLACED_PLUGINS.includes(name)) ||
      scenarios.some(({ engine }) => !OWN_ENGINES.includes(engine ?? config.engine ?? 'http'))
  }

  /** Finds what may be a metric, a word or a text in an expression; names that a script makes up may have any characters. */
  inExpressions(): RegExp {
    const names = [...this.#known.map(escaped), ...this.#endpoints.patterns()].sort((a, b) => b.length - a.length)
    return new RegExp(`"[^"]*"|${names.map((name) => `${name}(?![\\w.])`).join('|')}|[A-Za-z_]\\w*(?:\\.\\w+)*`, 'g')
  }

  /** Whether a name is one of a metric by endpoint, if it is one at all. */
  isByEndpoint(name: string): boolean {
    return this.#endpoints.has(name)
  }

  /** @throws ScriptError for a metric that no run of the script has. */
  resolve(name: string, field: string): NamedMetric {
    if (this.#known.includes(name) || NUMBERED.test(name)) return { metric: name }
    const endpoint = this.#endpoints.resolve(name, field)
    if (endpoint !== undefined) return { metric: name, endpoint }
    if (this.#hasCustom && !RESERVED.test(name)) return { metric: name }
    const meant = nearest(name, [...this.#known, 'http.codes.200', ...this.#endpoints.examples()])
    const hint =
      meant === undefined
        ? 'known metrics: http.requests, http.request_rate, http.codes.200, http.response_time.2xx.p95, vusers.failed, errors.ETIMEDOUT, …'
        : `did you mean ${meant}?`
    throw ScriptError.at(field, `names the metric ${JSON.stringify(name)}, which no run of this script has; ${hint}`)
  }
}
