/** The only file that imports the Prometheus client. */
import prometheus from 'prom-client'

export type { Metric } from 'prom-client'
export { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'

/** The whole client, for libraries that accept it as an option. */
export const prometheusClient: typeof prometheus = prometheus

/** The client's default metrics of a Node process, registered in `registry`. */
export const collectDefaultMetrics: typeof prometheus.collectDefaultMetrics = prometheus.collectDefaultMetrics

/**
 * Creates a registry whose metrics may have exemplars (`enableExemplars: true`), which the client allows only in a
 * registry that declares OpenMetrics. The exposition here serves both formats, whatever the registry declares.
 */
export function createRegistry(): prometheus.Registry {
  const registry: prometheus.Registry<prometheus.RegistryContentType> = new prometheus.Registry()
  registry.setContentType(prometheus.Registry.OPENMETRICS_CONTENT_TYPE)
  return registry as prometheus.Registry
}
