/**
 * The only file that imports the Prometheus client, so that a move to its successor, `@prometheus-io/client`, is a change of one file.
 */
import prometheus from 'prom-client'

export type { HistogramConfiguration, Metric } from 'prom-client'
export { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'

/** The client as a whole, for libraries that take it as an option, as fastify-metrics does. */
export const prometheusClient: typeof prometheus = prometheus

/** The client's default metrics of a Node process, registered in `registry`. */
export const collectDefaultMetrics: typeof prometheus.collectDefaultMetrics = prometheus.collectDefaultMetrics

/**
 * Makes a registry whose metrics may have exemplars (`enableExemplars: true`), which the client allows only for one that is declared to be OpenMetrics.
 * Our exposition serves both formats whatever the registry declares.
 */
export function createRegistry(): prometheus.Registry {
  const registry: prometheus.Registry<prometheus.RegistryContentType> = new prometheus.Registry()
  registry.setContentType(prometheus.Registry.OPENMETRICS_CONTENT_TYPE)
  return registry as prometheus.Registry
}
