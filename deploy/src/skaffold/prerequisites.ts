import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program that `deploy` needs, and what to do when it is missing. */
export interface Prerequisite {
  readonly program: string
  readonly nextStep: string
}

const SKAFFOLD: Prerequisite = { program: 'skaffold', nextStep: 'install it: https://skaffold.dev/docs/install/' }
const KUBECTL: Prerequisite = { program: 'kubectl', nextStep: 'install it: https://kubernetes.io/docs/tasks/tools/' }
const DOCKER: Prerequisite = {
  program: 'docker',
  nextStep: 'install it, or let Google Cloud Build build: add --profile=gcb',
}

/** Whether the profiles let Cloud Build build the images. */
function buildsInTheCloud(profiles: readonly string[]): boolean {
  return profiles.includes('gcb')
}

/** Skaffold where it is installed and can build, else kubectl. Skaffold builds with Docker or Cloud Build only. */
export function chooseDeployer(profiles: readonly string[], path = process.env.PATH): 'skaffold' | 'kubectl' {
  const builds = buildsInTheCloud(profiles) ? [] : [DOCKER]
  return buildsInTheCloud(profiles) || findMissing([SKAFFOLD, ...builds], path) === undefined ? 'skaffold' : 'kubectl'
}

/** The programs that a deployment needs. With kubectl, the build step reports what it needs. */
export function prerequisitesFor(deployer: 'skaffold' | 'kubectl', profiles: readonly string[]): Prerequisite[] {
  if (deployer === 'kubectl') return [KUBECTL]
  return buildsInTheCloud(profiles) ? [SKAFFOLD, KUBECTL] : [SKAFFOLD, KUBECTL, DOCKER]
}

/** The first program that is not in `PATH`. */
export function findMissing(wanted: readonly Prerequisite[], path = process.env.PATH ?? ''): Prerequisite | undefined {
  return wanted.find(({ program }) => !path.split(delimiter).some((folder) => isExecutable(join(folder, program))))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
