import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  directory,
  flag,
  type InvocationOf,
  type ProgramSpec,
  packageVersion,
  readCommandLine,
  runMain,
  valueType,
} from '@node-to-cloud/command-line'
import { type ExistingResource, planAlertPolicies, planDashboards, type Step } from './apply-plan.ts'
import { type AlertPolicy, type Dashboard, type Named, readAlertPolicies, readDashboards } from './documents.ts'
import { GcloudError, runGcloud, TESTED_VERSION } from './gcloud.ts'
import { toGmpAlertPolicy, toGmpDashboard, toOtlpAlertPolicy, toOtlpDashboard } from './gmp-translation.ts'
import { toPromqlDashboard } from './promql-translation.ts'

const PROGRAM = {
  name: 'dashboards',
  calledAs: 'nx run deploy:dashboards --',
  version: packageVersion(import.meta.url),
  summary: `Create or update the dashboards and alert policies of this folder in Cloud Monitoring, with gcloud (tested with ${TESTED_VERSION})`,
  options: {
    project: valueType(
      'a Google Cloud project id',
      (value) => (/^[a-z][a-z0-9.:-]{4,61}[a-z0-9]$/.test(value) ? value : undefined),
      {
        placeholder: 'ID',
        environment: 'GOOGLE_CLOUD_PROJECT',
        defaultText: "gcloud's own",
        help: 'The Google Cloud project',
      },
    ),
    gmp: flag({ help: 'Use the names of Managed Service for Prometheus' }),
    promql: flag({ help: 'Like --gmp, with PromQL in the dashboards' }),
    otlp: flag({
      help: 'Use the names of metrics that services send by OTLP; takes precedence over --gmp and --promql',
    }),
    'dry-run': flag({ help: 'Print what would be sent, and send nothing' }),
    out: directory({
      help: 'Write the files to DIR instead of sending them (with --gmp, --promql or --otlp: the generated ones)',
    }),
  },
} as const satisfies ProgramSpec

const POLICIES: readonly string[] = ['monitoring', 'policies']
/** The answer of an API that has no alert policies at all, such as an emulator's. */
const IS_UNIMPLEMENTED = /\bUNIMPLEMENTED\b/

type Options = InvocationOf<typeof PROGRAM>['options']

interface Files {
  readonly dashboards: readonly Named<Dashboard>[]
  readonly policies: readonly Named<AlertPolicy>[]
}

async function readFiles({ gmp, promql, otlp }: Pick<Options, 'gmp' | 'promql' | 'otlp'>): Promise<Files> {
  const [dashboards, policies] = await Promise.all([readDashboards(), readAlertPolicies()])
  if (otlp)
    return { dashboards: translated(dashboards, toOtlpDashboard), policies: translated(policies, toOtlpAlertPolicy) }
  if (gmp || promql) {
    const translate = promql ? toPromqlDashboard : toGmpDashboard
    return { dashboards: translated(dashboards, translate), policies: translated(policies, toGmpAlertPolicy) }
  }
  return { dashboards, policies }
}

/** Those that have a counterpart. */
function translated<T>(files: readonly Named<T>[], translate: (document: T) => T | undefined): Named<T>[] {
  return files.flatMap(({ id, document }) => {
    const twin = translate(document)
    return twin === undefined ? [] : [{ id, document: twin }]
  })
}

async function writeFiles(folder: string, kind: string, files: readonly Named<object>[]): Promise<void> {
  await mkdir(join(folder, kind), { recursive: true })
  for (const { id, document } of files) {
    await writeFile(join(folder, kind, `${id}.json`), `${JSON.stringify(document, null, 2)}\n`)
  }
}

async function projectOf(options: Options): Promise<string> {
  if (options.project !== undefined) return options.project
  if (options['dry-run']) return 'PROJECT'
  const project = (await runGcloud(['config', 'get-value', 'project'])).trim()
  if (project === '' || project === '(unset)') {
    throw new GcloudError(
      'ERR_GCLOUD_FAILED',
      'no project is set: add --project ID or run `gcloud config set project ID`.',
    )
  }
  return project
}

async function list(command: readonly string[], project: string): Promise<ExistingResource[]> {
  return JSON.parse(await runGcloud([...command, 'list', `--project=${project}`, '--format=json']))
}

async function send(steps: readonly Step[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'dashboards-'))
  try {
    for (const step of steps) {
      const file = join(folder, `${step.id}.json`)
      await writeFile(file, JSON.stringify(step.document))
      await runGcloud(step.arguments.map((argument) => argument.replace('{file}', file)))
      console.log(`${step.action === 'create' ? 'created' : 'updated'} ${step.kind} ${step.id}`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function run(options: Options): Promise<void> {
  const { dashboards, policies } = await readFiles(options)
  if (options.out !== undefined) {
    await writeFiles(options.out, 'dashboards', dashboards)
    await writeFiles(options.out, 'alerts', policies)
    console.log(`wrote ${dashboards.length} dashboards and ${policies.length} alert policies to ${options.out}`)
    return
  }
  const project = await projectOf(options)
  if (options['dry-run']) {
    const steps = [
      ...planDashboards(dashboards, [], project),
      ...planAlertPolicies(policies, [], { project, command: POLICIES }),
    ]
    for (const step of steps) console.log(`${step.kind} ${step.id}: create or update in ${project}`)
    return
  }
  await send(planDashboards(dashboards, await list(['monitoring', 'dashboards'], project), project))
  const endpoint = process.env.CLOUDSDK_API_ENDPOINT_OVERRIDES_MONITORING
  console.log(`see them at ${endpoint ?? `https://console.cloud.google.com/monitoring/dashboards?project=${project}`}`)
  await sendPolicies(policies, project)
}

/**
 * Sends the alert policies after the dashboards, which do not depend on them. gcloud has had their commands among its
 * alpha ones only; a newer one may have them among all others.
 */
async function sendPolicies(policies: readonly Named<AlertPolicy>[], project: string): Promise<void> {
  let command = POLICIES
  let existing: ExistingResource[]
  try {
    existing = await list(command, project).catch((error: unknown) => {
      if (!(error instanceof GcloudError) || error.code !== 'ERR_GCLOUD_COMMAND') throw error
      command = ['alpha', ...POLICIES]
      return list(command, project)
    })
  } catch (error) {
    if (!(error instanceof GcloudError)) throw error
    const message = `the dashboards were sent, the ${policies.length} alert policies were not: ${error.message}`
    if (!IS_UNIMPLEMENTED.test(error.message)) throw new GcloudError(error.code, message, { cause: error })
    console.error(message)
    return
  }
  await send(planAlertPolicies(policies, existing, { project, command }))
}

runMain('dashboards', async () => {
  const line = readCommandLine(PROGRAM)
  if (line.kind === 'information') process.stdout.write(line.text)
  else await run(line.options)
})
