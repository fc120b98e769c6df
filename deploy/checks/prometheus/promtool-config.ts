import { parse, stringify } from 'yaml'

/** What `promtool check config` of an older release or without Kubernetes needs in place of what it does not know. */
export interface PromtoolSubstitutions {
  /** Targets that stand for those that discovery finds, each with the labels that discovery gives. */
  readonly targets: readonly { readonly address: string; readonly labels: Readonly<Record<string, string>> }[]
  /** Rule files in place of the mounted ones. */
  readonly ruleFiles: readonly string[]
}

/**
 * Makes of this project's prometheus.yml one that a Prometheus without Kubernetes discovery can read: the discovery of pods becomes static
 * targets with the labels of pods, and the rule files lie elsewhere. Everything else stays as it is.
 *
 * @throws Error when there is no Kubernetes discovery to replace
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
