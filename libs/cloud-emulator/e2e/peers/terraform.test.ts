import assert from 'node:assert/strict'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { requestJson, startTestEmulator } from '../../test/testing/running-emulator.ts'
import { type Outcome, runProgram } from './run-program.ts'

const RUN_MS = 300_000
const RESOURCES = 13
/**
 * What the provider does not read back in an import, according to its own tests: the metadata, and the service of an
 * objective.
 */
const NOT_IMPORTED = [
  'google_monitoring_metric_descriptor.sales',
  'google_monitoring_slo.ratio',
  'google_monitoring_slo.windows',
]
/** The output of a plan without changes. */
const NO_CHANGES = 0

type Run = (...args: string[]) => Promise<Outcome>

/**
 * Terraform in a folder with its configuration and Google's provider from the registry, or the one that
 * TERRAFORM_PROVIDER_GOOGLE names. Undefined if there is none: the test is then skipped, with the reason.
 */
async function terraform(context: TestContext, endpoint: string): Promise<Run | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'peer-terraform-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  await cp(join(import.meta.dirname, 'terraform'), folder, { recursive: true })
  const { PATH, HOME, TERRAFORM_PROVIDER_GOOGLE: provider } = process.env
  const settings = join(folder, 'settings.tfrc')
  const override = `provider_installation {\n  dev_overrides { "hashicorp/google" = "${dirname(provider ?? '')}" }\n  direct {}\n}\n`
  await writeFile(settings, provider === undefined ? '' : override)
  const env = {
    ...{ PATH, HOME, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', TF_CLI_CONFIG_FILE: settings },
    TF_VAR_endpoint: endpoint,
  }
  const run: Run = (...args) => runProgram('terraform', [...args, '-no-color'], { cwd: folder, env, timeoutMs: RUN_MS })
  const installed = await run(...(provider === undefined ? ['init', '-input=false'] : ['version']))
  if (installed.code === 0) return run
  context.skip(`Terraform or its provider could not be installed: ${installed.stderr.trim().split('\n')[0]}`)
  return undefined
}

test("Terraform's provider creates, reads, changes, imports and deletes every resource of Cloud Monitoring", async (context) => {
  const { url } = await startTestEmulator(context, { nowMs: Date.now })
  const run = await terraform(context, url)
  if (!run) return
  const succeeds = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...args)
    assert.equal(code, 0, `terraform ${args.join(' ')}\n${stdout}\n${stderr}`)
    return stdout
  }
  const plansNothing = async (...args: string[]): Promise<void> => {
    const { code, stdout, stderr } = await run('plan', '-detailed-exitcode', '-input=false', ...args)
    assert.equal(code, NO_CHANGES, `${stdout}\n${stderr}`)
  }
  const apply = ['apply', '-auto-approve', '-input=false']
  assert.match(await succeeds(...apply), new RegExp(`${RESOURCES} added, 0 changed, 0 destroyed`))
  await plansNothing()

  const changes = '-var=revision=2'
  assert.match(await succeeds(...apply, changes), /0 added, \d+ changed, 0 destroyed/)
  await plansNothing(changes)
  const { json } = await requestJson(`${url}/v3/projects/demo-project/alertPolicies?filter=severity="CRITICAL"`)
  assert.deepEqual(
    json.alertPolicies.map((one: { displayName: string }) => one.displayName),
    ['Threshold 2'],
  )

  for (const resource of (await succeeds('state', 'list')).trim().split('\n')) {
    const id = /^\s+id\s+= "([^"]+)"/m.exec(await succeeds('state', 'show', resource))?.[1]
    await succeeds('state', 'rm', resource)
    await succeeds('import', '-input=false', changes, resource, id ?? assert.fail(`${resource} has no ID`))
  }
  const plan = await succeeds('plan', '-input=false', changes)
  const changed = [...plan.matchAll(/^ {2}# (\S+) (?:will|must) be/gm)].map(([, resource]) => resource)
  assert.deepEqual(changed, NOT_IMPORTED, plan)

  await succeeds('destroy', '-auto-approve', '-input=false', changes)
  for (const collection of ['alertPolicies', 'notificationChannels', 'uptimeCheckConfigs', 'groups', 'services'])
    assert.deepEqual((await requestJson(`${url}/v3/projects/demo-project/${collection}`)).json, {}, collection)
})
