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

/** The programs that `skaffold run` needs with these arguments. With the profile `gcb`, Cloud Build builds. */
export function prerequisitesFor(args: readonly string[]): Prerequisite[] {
  return buildsInTheCloud(args) ? [SKAFFOLD, KUBECTL] : [SKAFFOLD, KUBECTL, DOCKER]
}

/** The first program that is not in `PATH`. */
export function findMissing(wanted: readonly Prerequisite[], path = process.env.PATH ?? ''): Prerequisite | undefined {
  return wanted.find(({ program }) => !path.split(delimiter).some((folder) => isExecutable(join(folder, program))))
}

function buildsInTheCloud(args: readonly string[]): boolean {
  return args.some((arg, index) => {
    const value = /^(?:-p|--profile)$/.test(args[index - 1] ?? '') ? arg : /^(?:-p|--profile)=?(.+)$/.exec(arg)?.[1]
    return value?.split(',').includes('gcb') ?? false
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
