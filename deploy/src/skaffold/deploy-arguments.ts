import { parseArgs } from 'node:util'

/** How a module is deployed. */
export interface DeployArguments {
  /** Undefined: skaffold where it is installed, else kubectl. */
  readonly deployer: 'skaffold' | 'kubectl' | undefined
  readonly profiles: readonly string[]
  /** The registry that images are pushed to, such as `us-central1-docker.pkg.dev/p/r`. */
  readonly defaultRepo: string | undefined
  readonly namespace: string | undefined
  /** The context of kubectl. Undefined: the current one. */
  readonly kubeContext: string | undefined
  /** Arguments for skaffold: all but `--deployer`. */
  readonly skaffoldArgs: readonly string[]
  /** Those of them that only skaffold understands. */
  readonly skaffoldOnly: readonly string[]
}

const OPTIONS = {
  deployer: { type: 'string' },
  profile: { type: 'string', short: 'p', multiple: true },
  'default-repo': { type: 'string', short: 'd' },
  namespace: { type: 'string', short: 'n' },
  'kube-context': { type: 'string' },
} as const

/**
 * Reads the arguments of a deployment. Unknown ones are passed on to skaffold.
 *
 * @throws TypeError for an unknown deployer and for an option without its value
 */
export function readDeployArguments(args: readonly string[], env: NodeJS.ProcessEnv = process.env): DeployArguments {
  const { values, tokens } = parseArgs({ args: [...args], strict: false, tokens: true, options: OPTIONS })
  const skaffoldOnly: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') skaffoldOnly.push(token.value)
    if (token.kind !== 'option') continue
    if (!Object.hasOwn(OPTIONS, token.name)) skaffoldOnly.push(token.rawName)
    // An empty --default-repo means none; the value of `--default-repo --profile=gcb` was forgotten.
    else if (
      token.value === undefined ||
      (token.value === '' && token.name !== 'default-repo') ||
      (!token.inlineValue && token.value.startsWith('-'))
    ) {
      throw new TypeError(`${token.rawName} needs a value`)
    }
  }
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
  const { deployer } = values
  if (deployer !== undefined && deployer !== 'skaffold' && deployer !== 'kubectl') {
    throw new TypeError(`--deployer "${deployer}" must be skaffold or kubectl`)
  }
  return {
    deployer,
    profiles: (values.profile ?? [env.SKAFFOLD_PROFILE ?? '']).flatMap((value) =>
      String(value)
        .split(',')
        .filter((name) => name !== ''),
    ),
    defaultRepo: text(values['default-repo'] ?? env.SKAFFOLD_DEFAULT_REPO),
    namespace: text(values.namespace) ?? text(env.SKAFFOLD_NAMESPACE),
    kubeContext: text(values['kube-context']) ?? text(env.SKAFFOLD_KUBE_CONTEXT),
    skaffoldArgs: args.filter((arg, index) => !arg.startsWith('--deployer') && args[index - 1] !== '--deployer'),
    skaffoldOnly,
  }
}

const REGISTRY = /^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)*$/
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Checks what kubectl is to do. Skaffold checks its arguments itself.
 *
 * @throws TypeError for arguments that only skaffold understands, and for a registry or namespace that can't be one
 */
export function checkForKubectl({ skaffoldOnly, defaultRepo, namespace }: DeployArguments): void {
  if (skaffoldOnly.length > 0) {
    throw new TypeError(
      `${skaffoldOnly.join(', ')} needs skaffold; kubectl allows --profile, --default-repo, --namespace, --kube-context`,
    )
  }
  if (defaultRepo !== undefined && !REGISTRY.test(defaultRepo)) {
    throw new TypeError(
      `the registry "${defaultRepo}" must be a host and path, such as us-central1-docker.pkg.dev/my-project/node-to-cloud`,
    )
  }
  if (namespace !== undefined && !NAMESPACE.test(namespace)) {
    throw new TypeError(`the namespace "${namespace}" must be up to 63 of a-z, 0-9 and -`)
  }
}
