import { randomBytes } from 'node:crypto'
import {
  flag,
  integer,
  readCommandLine,
  repeatable,
  required,
  runMain,
  text,
  UsageError,
} from '@node-to-cloud/command-line'
import { type ImageReference, parseImageReference } from './images.ts'
import { Installation } from './installation.ts'
import { Kubectl } from './kubectl.ts'
import { runSteps } from './run/run-steps.ts'
import type { Step } from './step.ts'
import { alertingSteps } from './steps/alerting.ts'
import { countSteps } from './steps/counts.ts'
import { chaosSteps } from './steps/faults/chaos.ts'
import { disturbanceSteps } from './steps/faults/disturbances.ts'
import { highAvailabilitySteps } from './steps/faults/high-availability.ts'
import { killSteps } from './steps/faults/kills.ts'
import { loadJobSteps } from './steps/load-job.ts'
import { componentSteps, policySteps } from './steps/manifests/components.ts'
import { compositionSteps } from './steps/manifests/compositions.ts'
import { destinationSteps } from './steps/manifests/destinations.ts'
import { operatorSteps } from './steps/manifests/operator.ts'
import { releaseManifestSteps } from './steps/manifests/release-manifest.ts'
import { upgradeSteps } from './steps/manifests/upgrade.ts'
import { observabilitySteps } from './steps/observability.ts'
import { readmeSteps } from './steps/readme-lines.ts'
import { scalingSteps } from './steps/scaling.ts'
import { startupSteps } from './steps/startup.ts'

const STEPS: readonly Step[] = [
  ...startupSteps,
  ...observabilitySteps,
  ...compositionSteps,
  ...countSteps,
  ...disturbanceSteps,
  ...killSteps,
  ...chaosSteps,
  ...scalingSteps,
  ...releaseManifestSteps,
  ...policySteps,
  ...loadJobSteps,
  ...componentSteps,
  ...upgradeSteps,
  ...operatorSteps,
  ...highAvailabilitySteps,
  ...alertingSteps,
  ...destinationSteps,
  ...readmeSteps,
]

const PROGRAM = {
  name: 'npm run e2e:cluster --',
  version: '0.1.0',
  summary: 'Test the manifests on a cluster, in namespaces of its own that are removed afterwards',
  options: {
    context: required(text({ help: 'The kubectl context of the cluster' })),
    image: repeatable(
      text({
        help: 'An image of this project with its tag, such as registry.example/p/flask-app:1',
        placeholder: 'IMAGE',
      }),
    ),
    short: flag({ help: 'Only the short form' }),
    only: repeatable(
      text({ help: 'Only steps whose name contains this; most rely on the first one', placeholder: 'TEXT' }),
    ),
    'at-once': integer({
      help: 'How many steps run at once; those that rely on each other still run in order',
      placeholder: 'N',
      min: 1,
      max: 8,
      default: 1,
    }),
    keep: flag({ help: 'Keep the namespaces' }),
    in: text({
      help: 'The installation that an earlier run with --keep left behind',
      placeholder: 'NAMESPACE',
    }),
  },
  details: `Images that no --image names must be loaded into the cluster
under their own names.
A failed step does not stop the next one. Exit code 1 if any step fails.`,
} as const

function readImages(values: readonly string[]): ImageReference[] {
  try {
    return values.map(parseImageReference)
  } catch (error) {
    throw new UsageError([`--image: ${error instanceof Error ? error.message : String(error)}`], {
      command: PROGRAM.name,
    })
  }
}

async function main(): Promise<void> {
  const line = readCommandLine(PROGRAM)
  if (line.kind === 'information') {
    process.stdout.write(line.text)
    return
  }
  const { context, image, short, only, 'at-once': atOnce, keep, in: kept } = line.options
  const images = readImages(image)
  const run = randomBytes(3).toString('hex')
  const installations = new Set<Installation>()
  let made = 0
  const ending = new AbortController()
  const create = (): Installation => {
    ending.signal.throwIfAborted()
    const installation = new Installation(new Kubectl(context, `cluster-e2e-${run}-${++made}`), images)
    installations.add(installation)
    return installation
  }
  const remove = async (installation: Installation): Promise<void> => {
    if (keep) return
    await installation.remove()
    installations.delete(installation)
  }
  const removeAll = async (): Promise<void> => {
    for (const installation of installations) await remove(installation)
  }
  const installation = kept === undefined ? create() : new Installation(new Kubectl(context, kept), images)
  const { stdout } = await installation.kubectl.run(['version', '--output=json'])
  const version: { serverVersion: { gitVersion: string } } = JSON.parse(stdout)
  const print = (text: string): boolean => process.stdout.write(`${text}\n`)
  print(`${context}: Kubernetes ${version.serverVersion.gitVersion}, namespace ${installation.namespace}`)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      ending.abort()
      print(`${signal}: removing the namespaces of this run`)
      void removeAll().finally(() => process.kill(process.pid, signal))
    })
  }
  const wanted = (name: string): boolean => only.length === 0 || only.some((text) => name.includes(text))
  const steps = STEPS.filter((step) => (step.short || !short) && wanted(step.name))
  if (steps.length === 0)
    throw new UsageError([`--only: no step's name contains ${only.join(' or ')}`], { command: PROGRAM.name })
  try {
    const { passed, failed } = await runSteps(steps, {
      installation,
      create,
      remove,
      print,
      atOnce,
      signal: ending.signal,
    })
    print(`${passed} passed, ${failed} failed`)
    if (failed > 0) process.exitCode = 1
  } finally {
    await removeAll()
  }
}

runMain('cluster-e2e', main)
