import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ExistingResource, planAlertPolicies, planDashboards, type Step } from './apply-plan.ts'
import { type AlertPolicy, type Dashboard, type Named, readAlertPolicies, readDashboards } from './documents.ts'
import { GcloudError, runGcloud } from './gcloud.ts'
import { toGmpAlertPolicy, toGmpDashboard } from './gmp-translation.ts'

const HELP = `Creates or updates the dashboards and alert policies of this folder in Cloud Monitoring, with gcloud.

Usage: nx run deploy:dashboards [-- OPTIONS]

  --project ID   the Google Cloud project (default: GOOGLE_CLOUD_PROJECT, then the project set in gcloud)
  --gmp          use the metric names of Managed Service for Prometheus
  --dry-run      print what would be sent without sending it
  --out DIR      write the files to DIR instead of sending them
  --help         print this help
`

interface Options {
  readonly project: string | undefined
  readonly gmp: boolean
  readonly dryRun: boolean
  readonly out: string | undefined
}

function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      project: { type: 'string' },
      gmp: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  const project = values.project ?? process.env.GOOGLE_CLOUD_PROJECT
  if (project !== undefined && !/^[a-z][a-z0-9.:-]{4,61}[a-z0-9]$/.test(project)) {
    throw new TypeError(`--project must be a Google Cloud project id, not ${JSON.stringify(project)}`)
  }
  return { project, gmp: values.gmp === true, dryRun: values['dry-run'] === true, out: values.out }
}

async function readFiles(gmp: boolean): Promise<{ dashboards: Named<Dashboard>[]; policies: Named<AlertPolicy>[] }> {
  const [dashboards, policies] = await Promise.all([readDashboards(), readAlertPolicies()])
  if (!gmp) return { dashboards, policies }
  return {
    dashboards: dashboards.map(({ id, document }) => ({ id, document: toGmpDashboard(document) })),
    policies: policies.flatMap(({ id, document }) => {
      const translated = toGmpAlertPolicy(document)
      return translated ? [{ id, document: translated }] : []
    }),
  }
}

async function writeFiles(folder: string, kind: string, files: readonly Named<object>[]): Promise<void> {
  await mkdir(join(folder, kind), { recursive: true })
  for (const { id, document } of files) {
    await writeFile(join(folder, kind, `${id}.json`), `${JSON.stringify(document, null, 2)}\n`)
  }
}

async function projectOf(options: Options): Promise<string> {
  if (options.project !== undefined) return options.project
  if (options.dryRun) return 'PROJECT'
  const project = (await runGcloud(['config', 'get-value', 'project'])).trim()
  if (project === '' || project === '(unset)') {
    throw new GcloudError(
      'ERR_GCLOUD_FAILED',
      'no project is set: add --project ID or run `gcloud config set project ID`.',
    )
  }
  return project
}

async function list(kind: 'dashboards' | 'policies', project: string): Promise<ExistingResource[]> {
  return JSON.parse(await runGcloud(['monitoring', kind, 'list', `--project=${project}`, '--format=json']))
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
  const { dashboards, policies } = await readFiles(options.gmp)
  if (options.out !== undefined) {
    await writeFiles(options.out, 'dashboards', dashboards)
    await writeFiles(options.out, 'alerts', policies)
    console.log(`wrote ${dashboards.length} dashboards and ${policies.length} alert policies to ${options.out}`)
    return
  }
  const project = await projectOf(options)
  const existing = options.dryRun
    ? { dashboards: [], policies: [] }
    : { dashboards: await list('dashboards', project), policies: await list('policies', project) }
  const steps = [
    ...planDashboards(dashboards, existing.dashboards, project),
    ...planAlertPolicies(policies, existing.policies, project),
  ]
  if (options.dryRun) {
    for (const step of steps) console.log(`${step.kind} ${step.id}: create or update in ${project}`)
    return
  }
  await send(steps)
  console.log(`see them at https://console.cloud.google.com/monitoring/dashboards?project=${project}`)
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === undefined) console.log(HELP)
  else await run(options)
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error)
  console.error(reason)
  process.exitCode = error instanceof TypeError ? 2 : 1
}
