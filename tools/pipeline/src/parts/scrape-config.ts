import { stringify } from 'yaml'
import { IDENTITY } from '../identity.ts'
import type { ScrapeTarget } from './parts.ts'

/** How often each target is scraped. */
const SCRAPE_INTERVAL = '10s'

/**
 * The pipeline's scrape configuration in Prometheus' format: one job with the name and labels that pods have in a cluster,
 * so that the series are the same in both.
 *
 * @param remoteWriteUrl - where a real Prometheus sends the samples; undefined where the sidecar scrapes
 * @returns the text of a Prometheus configuration file
 */
export function scrapeConfig(targets: readonly ScrapeTarget[], remoteWriteUrl?: string): string {
  return stringify({
    global: { scrape_interval: SCRAPE_INTERVAL, scrape_timeout: '5s' },
    scrape_configs: [
      {
        job_name: 'kubernetes-pods',
        scrape_interval: SCRAPE_INTERVAL,
        scrape_timeout: '5s',
        static_configs: targets.map(({ app, container, port }) => {
          const pod = `${container}-local`
          return {
            targets: [`127.0.0.1:${port}`],
            labels: {
              app,
              kubernetes_namespace: IDENTITY.namespace,
              kubernetes_pod_name: pod,
              kubernetes_container_name: container,
              __meta_kubernetes_namespace: IDENTITY.namespace,
              __meta_kubernetes_pod_name: pod,
              __meta_kubernetes_pod_container_name: container,
            },
          }
        }),
      },
    ],
    ...(remoteWriteUrl === undefined
      ? {}
      : {
          remote_write: [
            {
              url: remoteWriteUrl,
              queue_config: { batch_send_deadline: '2s', min_backoff: '100ms', max_backoff: '5s' },
            },
          ],
        }),
  })
}
