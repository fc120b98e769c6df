import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program that `deploy` needs, and what to do where it is missing. */
export interface Prerequisite {
  readonly program: string
  readonly nextStep: string
}

const skaffold: Prerequisite = { program: 'skaffold', nextStep: 'install it: https://skaffold.dev/docs/install/' }
const kubectl: Prerequisite = { program: 'kubectl', nextStep: 'install it: https://kubernetes.io/docs/tasks/tools/' }
const docker: Prerequisite = {
  program: 'docker',
  nextStep: 'install it, or let Google Cloud Build build: add --profile=gcb',
}

/** What a deployment with these arguments of skaffold needs; with the profile `gcb` nothing is built here. */
export function prerequisitesFor(args: readonly string[]): Prerequisite[] {
  return buildsInTheCloud(args) ? [skaffold, kubectl] : [skaffold, kubectl, docker]
}

/** The first program that `PATH` does not have. */
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
