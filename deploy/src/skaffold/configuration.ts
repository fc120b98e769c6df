import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { rootDir } from '../repository.ts'

/** The parts of a module of skaffold.yaml that are read here. */
export interface SkaffoldModule {
  readonly metadata: { readonly name: string }
  readonly build: {
    readonly artifacts: readonly { readonly image: string; readonly docker: { dockerfile: string } }[]
    readonly platforms?: readonly string[]
    readonly tagPolicy?: { readonly gitCommit?: object }
  }
  readonly manifests: { readonly kustomize: { readonly paths: readonly string[] } }
  readonly profiles: readonly SkaffoldProfile[]
}

export interface SkaffoldProfile {
  readonly name: string
  readonly build?: Partial<SkaffoldModule['build']> & { readonly googleCloudBuild?: object }
  readonly manifests?: SkaffoldModule['manifests']
  readonly patches?: readonly { readonly op: string; readonly path: string }[]
}

/** Reads the modules of skaffold.yaml in their order, without validating them. */
export function readSkaffoldModules(): SkaffoldModule[] {
  const text = readFileSync(resolve(rootDir, 'skaffold.yaml'), 'utf8')
  return parseAllDocuments(text).map((document) => ('toJS' in document ? document.toJS() : document))
}
