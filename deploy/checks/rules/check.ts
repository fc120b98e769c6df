import type { Manifest, Problem } from '../manifest.ts'
import { checkEnvironment } from './environment.ts'
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

/** This project's own rules, in addition to Kubernetes' schemas. */
export const RULES: readonly Rule[] = [
  checkSelectors,
  checkPorts,
  checkImages,
  checkProbes,
  checkResources,
  checkSecurityContexts,
  checkServiceAccounts,
  checkReferences,
  checkEnvironment,
  checkOneWriter,
]

/** Checks objects that are applied together against every rule. */
export function checkRules(manifests: readonly Manifest[]): Problem[] {
  return RULES.flatMap((rule) => rule(manifests))
}
