import type { Manifest, Problem } from '../manifest.ts'
import { checkImages } from './images.ts'
import { checkOneWriter } from './one-writer.ts'
import { checkPorts } from './ports.ts'
import { checkProbes } from './probes.ts'
import { checkReferences } from './references.ts'
import { checkResources } from './resources.ts'
import type { Rule } from './rule.ts'
import { checkSecurityContexts } from './security-context.ts'
import { checkSelectors } from './selectors.ts'
import { checkServiceAccounts } from './service-accounts.ts'

/** This project's own rules, beyond what Kubernetes' schemas say. */
export const rules: readonly Rule[] = [
  checkSelectors,
  checkPorts,
  checkImages,
  checkProbes,
  checkResources,
  checkSecurityContexts,
  checkServiceAccounts,
  checkReferences,
  checkOneWriter,
]

/** Applies every rule to the objects that are applied together. */
export function checkRules(manifests: readonly Manifest[]): Problem[] {
  return rules.flatMap((rule) => rule(manifests))
}
