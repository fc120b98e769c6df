import { spawn, spawnSync } from 'node:child_process'
import { rootDir } from '../repository.ts'
import { readSkaffoldModules } from './configuration.ts'
import { checkForKubectl, type DeployArguments, readDeployArguments } from './deploy-arguments.ts'
import { contextArguments, deployWithKubectl } from './deploy-with-kubectl.ts'
import { chooseDeployer, findMissing, prerequisitesFor } from './prerequisites.ts'

/**
 * Builds, pushes and applies one module of skaffold.yaml: `deploy-module.ts MODULE [--deployer=skaffold|kubectl] [SKAFFOLD RUN OPTION …]`.
 * Every failure is one line that names the module.
 */
async function main([module = '', ...args]: readonly string[]): Promise<number> {
  const modules = readSkaffoldModules().map(({ metadata }) => metadata.name)
  const fail = (message: string, code = 1) => {
    console.error(`deploy ${module}: ${message}`)
    return code
  }
  if (!modules.includes(module)) return fail(`no such module in skaffold.yaml; allowed: ${modules.join(', ')}`, 2)
  try {
    const options = readDeployArguments(args)
    const deployer = options.deployer ?? chooseDeployer(options.profiles)
    if (deployer === 'kubectl') checkForKubectl(options)
    const missing = findMissing(prerequisitesFor(deployer, options.profiles))
    if (missing !== undefined) return fail(`${missing.program} is not installed; ${missing.nextStep}`)
    const version = ['get', '--raw', '/version', '--request-timeout=10s']
    const cluster = spawnSync('kubectl', [...contextArguments(options), ...version], { stdio: 'ignore' })
    if (cluster.status !== 0) {
      return fail(
        options.kubeContext === undefined
          ? "kubectl can't reach a cluster; set its context (kubectl config use-context NAME), see deploy/README.md"
          : `kubectl can't reach the cluster of the context "${options.kubeContext}"; see kubectl config get-contexts`,
      )
    }
    if (deployer === 'kubectl') deployWithKubectl(module, options)
    else return await deployWithSkaffold(module, options, fail)
    return 0
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), error instanceof TypeError ? 2 : 1)
  }
}

async function deployWithSkaffold(
  module: string,
  { skaffoldArgs }: DeployArguments,
  fail: (message: string) => number,
): Promise<number> {
  const child = spawn('skaffold', ['run', '--filename=skaffold.yaml', `--module=${module}`, ...skaffoldArgs], {
    cwd: rootDir,
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve({ code, signal }))
  })
  return code === 0 ? 0 : fail(`skaffold ${signal === null ? `exited with ${code}` : `was killed by ${signal}`}`)
}

process.exitCode = await main(process.argv.slice(2))
