import { parse, stringify } from 'yaml'

/** What replaces the parts of prometheus.yml that only work in a cluster. */
export interface PromtoolSubstitutions {
  /** Static targets in place of the discovered ones, each with the labels that discovery sets. */
  readonly targets: readonly { readonly address: string; readonly labels: Readonly<Record<string, string>> }[]
  /** Rule files in place of the mounted ones. */
  readonly ruleFiles: readonly string[]
}

/**
 * Rewrites this project's prometheus.yml for a Prometheus outside of Kubernetes: static targets with the labels of pods replace the
 * discovery, and the rule files are given by path. Everything else is unchanged.
 *
 * @throws Error when the configuration has no Kubernetes discovery
 */
export function withStaticTargets(prometheusYml: string, { targets, ruleFiles }: PromtoolSubstitutions): string {
  const config = parse(prometheusYml)
  let replaced = 0
  for (const job of config.scrape_configs) {
    if (job.kubernetes_sd_configs === undefined) continue
    delete job.kubernetes_sd_configs
    job.static_configs = targets.map(({ address, labels }) => ({ targets: [address], labels }))
    replaced += 1
  }
  if (replaced === 0) throw new Error('prometheus.yml has no kubernetes_sd_configs')
  config.rule_files = [...ruleFiles]
  return stringify(config)
}
