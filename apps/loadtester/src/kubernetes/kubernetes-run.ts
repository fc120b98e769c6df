import { randomBytes } from 'node:crypto'
import { basename, extname } from 'node:path'
import type { LoadOverride } from '../contract/api.ts'
import type { HeadlessOutput } from '../headless/headless-run.ts'
import {
  checkOutputFiles,
  OutputFileError,
  type OutputFiles,
  outputPaths,
  resolveOutput,
  writeOutputFiles,
} from '../headless/output-files.ts'
import { renderSummary } from '../headless/summary-text.ts'
import { summaryOf } from '../report/run-summary.ts'
import { originsOf } from '../script/bounds/endpoint-names.ts'
import { readBounds } from '../script/bounds/ensure.ts'
import { chooseLoad } from '../script/choose-load.ts'
import { type LoadScript, type ReadScriptOptions, readScript } from '../script/script.ts'
import { ScriptError } from '../script/script-error.ts'
import { layOutFiles } from './job-files.ts'
import { type JobSettings, masterJob, otherObjects } from './job-manifests.ts'
import { JobError, listOf, runJob } from './job-run.ts'
import { Kubectl, KubectlError, type KubectlTarget } from './kubectl.ts'

export interface KubernetesOptions {
  readonly script: string
  /** What the pods set, too; files among them are not allowed. */
  readonly settings: Omit<ReadScriptOptions, 'testId' | 'config' | 'payload' | 'overrides'>
  readonly load: LoadOverride
  /** Options of `loadtester run` for the pod. */
  readonly runOptions: readonly string[]
  readonly workers: number
  readonly image: string
  readonly cpu: string
  readonly memory: string
  /** Environment variables for the script. */
  readonly variables: Readonly<Record<string, string>>
  readonly cluster: KubectlTarget
  readonly files: OutputFiles
  readonly json: boolean
  readonly quiet: boolean
  readonly keep: boolean
  readonly dryRun: boolean
}

/** Time for the start of pods and for the end of the last virtual users, besides the load itself. */
const ALLOWANCE_SECONDS = 900
const EXIT_CODE = { failed: 1, unusable: 2 } as const

/**
 * Runs a script as a Kubernetes Job and prints the summary.
 *
 * @returns the exit code: that of the run; 1 if the cluster did not run it; 2 if the script or an option can't be used.
 */
export async function runInKubernetes(options: KubernetesOptions, output: HeadlessOutput): Promise<number> {
  const { json, quiet, keep, dryRun, cluster } = options
  const log = (line: string): void => {
    if (!quiet) output.stderr(`${line}\n`)
  }
  try {
    const files = await resolveOutput(options.files, new Date())
    await checkOutputFiles(files)
    const settings = await jobOf(options)
    if (dryRun) {
      const whole = listOf([{ ...masterJob(settings) }, ...otherObjects({ ...settings, token: 'generated' })])
      output.stdout(`${JSON.stringify(unsuspended(whole), undefined, 2)}\n`)
      return 0
    }
    log(`The test is the Job ${settings.name}.`)
    const kubectl = new Kubectl(cluster)
    const { exitCode, finished } = await runJob({ kubectl, settings, log, keep, signal: output.signal })
    if (finished === undefined) return exitCode
    if (json) output.stdout(`${JSON.stringify(summaryOf(finished.report))}\n`)
    else if (!quiet) output.stdout(renderSummary(finished.report, outputPaths(files)))
    await writeOutputFiles(files, finished)
    return exitCode
  } catch (error) {
    const known = [ScriptError, OutputFileError, KubectlError, JobError].find((type) => error instanceof type)
    if (known === undefined || !(error instanceof Error)) throw error
    output.stderr(`loadtester: ${error.message}\n`)
    return known === KubectlError || known === JobError ? EXIT_CODE.failed : EXIT_CODE.unusable
  }
}

async function jobOf(options: KubernetesOptions): Promise<JobSettings> {
  const { script: path, settings, load, workers, image, cpu, memory, variables, runOptions } = options
  const script = await readScript(path, settings)
  readBounds(script.document)
  const { profile } = chooseLoad(script, load, { keepsDuration: true })
  if (!Number.isFinite(profile.durationSeconds))
    throw new ScriptError('the load has no end, and a Job must have one: set --duration')
  return {
    ...{ workers, image, cpu, memory, variables, runOptions },
    name: nameOf(path),
    files: layOutFiles(script.files, script.path),
    targets: targetsOf(script),
    token: randomBytes(24).toString('base64url'),
    deadlineSeconds: Math.ceil(profile.durationSeconds) + ALLOWANCE_SECONDS,
  }
}

/** Workers send load to the target, and to the origins that the script's own URLs name. */
function targetsOf({ target, document }: LoadScript): string[] {
  return [...new Set([target, ...originsOf(document)])]
}

function nameOf(path: string): string {
  const stem = basename(path, extname(path))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return `loadtest-${stem.slice(0, 30)}-${randomBytes(3).toString('hex')}`
}

/** Without a client, nothing resumes a suspended Job. */
function unsuspended(list: object): object {
  return JSON.parse(JSON.stringify(list), (key, value) => (key === 'suspend' ? undefined : value))
}
