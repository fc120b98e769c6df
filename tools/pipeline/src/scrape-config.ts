import { stringify } from 'yaml'
import { identity, type ScrapeTarget } from './parts.ts'

/** How often each target is read. */
const scrapeInterval = '10s'

/**
 * The pipeline's scrape configuration in Prometheus' own form: one job with the name and the labels that the pods'
 * targets have in a cluster, so that the series are the same on both.
 *
 * @param remoteWriteUrl - where a real Prometheus sends the samples; without it the sidecar scrapes by this file
 * @returns the text of a Prometheus configuration file
 */
export function scrapeConfig(targets: readonly ScrapeTarget[], remoteWriteUrl?: string): string {
  return stringify({
    global: { scrape_interval: scrapeInterval, scrape_timeout: '5s' },
    scrape_configs: [
      {
        job_name: 'kubernetes-pods',
        scrape_interval: scrapeInterval,
        scrape_timeout: '5s',
        static_configs: targets.map(({ app, container, port }) => {
          const pod = `${container}-local`
          return {
            targets: [`127.0.0.1:${port}`],
            labels: {
              app,
              kubernetes_namespace: identity.namespace,
              kubernetes_pod_name: pod,
              kubernetes_container_name: container,
              __meta_kubernetes_namespace: identity.namespace,
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
