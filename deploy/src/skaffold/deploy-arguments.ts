import { parseArgs } from 'node:util'

/** How a module is deployed. */
export interface DeployArguments {
  /** Undefined: skaffold where it is installed, else kubectl. */
  readonly deployer: 'skaffold' | 'kubectl' | undefined
  readonly profiles: readonly string[]
  /** The registry that images are pushed to, such as `us-central1-docker.pkg.dev/p/r`. */
  readonly defaultRepo: string | undefined
  readonly namespace: string | undefined
  /** Arguments for skaffold: all but `--deployer`. */
  readonly skaffoldArgs: readonly string[]
}

/**
 * Reads the arguments of a deployment. Unknown ones are passed on to skaffold.
 *
 * @throws TypeError for an unknown deployer
 */
export function readDeployArguments(args: readonly string[], env: NodeJS.ProcessEnv = process.env): DeployArguments {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      deployer: { type: 'string' },
      profile: { type: 'string', short: 'p', multiple: true },
      'default-repo': { type: 'string', short: 'd' },
      namespace: { type: 'string', short: 'n' },
    },
  })
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
  const { deployer } = values
  if (deployer !== undefined && deployer !== 'skaffold' && deployer !== 'kubectl') {
    throw new TypeError(`--deployer "${deployer}" must be skaffold or kubectl`)
  }
  return {
    deployer,
    profiles: (values.profile ?? []).flatMap((value) => String(value).split(',')),
    defaultRepo: text(values['default-repo']) ?? text(env.SKAFFOLD_DEFAULT_REPO),
    namespace: text(values.namespace) ?? text(env.SKAFFOLD_NAMESPACE),
    skaffoldArgs: args.filter((arg, index) => !arg.startsWith('--deployer') && args[index - 1] !== '--deployer'),
  }
}
