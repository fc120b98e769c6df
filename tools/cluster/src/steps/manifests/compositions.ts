import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { DEPLOY_DIR } from '../../repository.ts'
import { expect, type Step } from '../../step.ts'

/**
 * Defined where Managed Service for Prometheus is: clusters elsewhere refuse them, and say so. The second form is for a client that still
 * remembers a definition that was removed.
 */
const FOREIGN_KIND =
  /no matches for kind "(PodMonitoring|ClusterPodMonitoring|NodeMonitoring)"|requested resource \(post \w+\.monitoring\.googleapis\.com\)/

/** Datadog's agent reads the node's container runtime, which its README says. */
function isKnown(folder: string, warning: string): boolean {
  return /last-applied/.test(warning) || (folder.endsWith('datadog') && warning.includes('violate PodSecurity'))
}

/** The folders below `deploy` that can be applied: overlays, and the compositions that the checks use. */
function compositions(): string[] {
  return globSync('{overlays,tests}/**/kustomization.yaml', { cwd: DEPLOY_DIR })
    .filter((path) => parse(readFileSync(join(DEPLOY_DIR, path), 'utf8')).kind === 'Kustomization')
    .map((path) => path.replace(/\/kustomization\.yaml$/, ''))
    .sort()
}

const serverSideChecks: Step = {
  name: 'the API server accepts every overlay and component',
  short: true,
  async run({ installation }) {
    const warnings: string[] = []
    const foreign: string[] = []
    for (const folder of compositions()) {
      const { stdout } = await installation.kubectl.run(['kustomize', join(DEPLOY_DIR, folder)])
      const objects = stdout.replaceAll(/^( {2})namespace: default$/gm, `$1namespace: ${installation.namespace}`)
      const apply = ['apply', '--dry-run=server', '--filename', '-']
      try {
        const { stderr } = await installation.kubectl.run(apply, { input: objects })
        warnings.push(...stderr.split('\n').filter((line) => line.startsWith('Warning:') && !isKnown(folder, line)))
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        const others = message
          .split('\n')
          .filter((line) => /error|Error|invalid|no matches/.test(line) && !FOREIGN_KIND.test(line))
        expect(FOREIGN_KIND.test(message) && others.length === 0, `${folder}: ${others.join('; ') || message}`)
        foreign.push(folder)
      }
    }
    expect(warnings.length === 0, `the API server warns: ${warnings.slice(0, 5).join('; ')}`)
    const known = foreign.length === 0 ? '' : `; this cluster lacks Google’s kinds in ${foreign.join(', ')}`
    return `${compositions().length} compositions${known}`
  },
}

export const compositionSteps: readonly Step[] = [serverSideChecks]
