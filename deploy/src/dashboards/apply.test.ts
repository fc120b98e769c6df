import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readAlertPolicies, readDashboards } from './documents.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

/**
 * A fake gcloud that keeps each resource in a file and lists them, with alert policies among its alpha commands, as in 528, unless
 * GA_POLICIES is set. It shows which calls are made; the end-to-end test shows that Google's own makes them.
 */
const FAKE_GCLOUD = `#!/usr/bin/env node
const fs = require('node:fs')
const path = require('node:path')
const alpha = process.argv[2] === 'alpha'
const [, kind, verb] = process.argv.slice(alpha ? 3 : 2)
if (kind === 'policies' && alpha !== (process.env.GA_POLICIES === undefined)) {
  console.error("ERROR: (gcloud.monitoring) Invalid choice: 'policies'."); process.exit(2)
}
if (kind === 'policies' && process.env.POLICIES_FAIL) { console.error(process.env.POLICIES_FAIL); process.exit(1) }
const folder = path.join(process.env.STATE, kind)
fs.mkdirSync(folder, { recursive: true })
fs.appendFileSync(path.join(process.env.STATE, 'calls'), process.argv.slice(2).join(' ') + '\\n')
if (verb === 'list') {
  console.log(JSON.stringify(fs.readdirSync(folder).map((file) => JSON.parse(fs.readFileSync(path.join(folder, file))))))
} else {
  const file = process.argv.find((argument) => argument.includes('-from-file=')).split('=')[1]
  const document = JSON.parse(fs.readFileSync(file))
  document.name ??= 'projects/demo-project/alertPolicies/' + (1000 + fs.readdirSync(folder).length)
  const target = path.join(folder, path.basename(document.name) + '.json')
  if (fs.existsSync(target) !== (verb === 'update')) { console.error(verb + ': ALREADY_EXISTS or NOT_FOUND'); process.exit(1) }
  if (verb === 'update' && kind === 'dashboards' && document.etag !== JSON.parse(fs.readFileSync(target)).etag) {
    console.error('ABORTED: etag'); process.exit(1)
  }
  document.etag = String(Math.random())
  fs.writeFileSync(target, JSON.stringify(document))
}
`

describe('deploy:dashboards', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deploy-dashboards-'))
    await mkdir(join(folder, 'bin'))
    await mkdir(join(folder, 'state'))
    await writeFile(join(folder, 'bin', 'gcloud'), FAKE_GCLOUD)
    await chmod(join(folder, 'bin', 'gcloud'), 0o755)
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const run = (
    args: string[],
    path = `${join(folder, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
    more: NodeJS.ProcessEnv = {},
  ) => {
    // Node prints a warning when both NO_COLOR and FORCE_COLOR are set.
    const environment: NodeJS.ProcessEnv = {
      ...process.env,
      PATH: path,
      STATE: join(folder, 'state'),
      FORCE_COLOR: '0',
      ...more,
    }
    delete environment.GOOGLE_CLOUD_PROJECT
    return spawnSync(process.execPath, ['--conditions=@node-to-cloud/source', main, ...args], {
      encoding: 'utf8',
      env: environment,
      timeout: 60_000,
    })
  }

  it('says what to install when gcloud is missing', () => {
    const { status, stderr } = run(['--project', 'demo-project'], join(folder, 'nothing'))
    assert.equal(status, 1)
    assert.match(stderr, /^dashboards: gcloud is not installed\. Install the Google Cloud CLI/)
    assert.equal(stderr.trim().split('\n').length, 1)
  })

  it('refuses an invalid project id with exit code 2', () => {
    const { status, stderr } = run(['--project', 'No Project'])
    assert.equal(status, 2)
    assert.match(stderr, /--project "No Project" can't be used; it must be a Google Cloud project id/)
  })

  it('does not need gcloud for a dry run', () => {
    const { status, stdout } = run(['--dry-run'], join(folder, 'nothing'))
    assert.equal(status, 0)
    assert.match(stdout, /^dashboard flask-app: create or update in PROJECT/m)
  })

  it('creates everything once, then updates it by id', async () => {
    const dashboards = (await readDashboards()).map(({ id }) => id)
    const policies = (await readAlertPolicies()).map(({ id }) => id)
    const expected = (verb: string) =>
      [
        ...dashboards.map((id) => `${verb} dashboard ${id}`),
        ...policies.map((id) => `${verb} alert policy ${id}`),
      ].sort()
    for (const verb of ['created', 'updated']) {
      const { status, stdout, stderr } = run(['--project', 'demo-project'])
      assert.equal(status, 0, stderr)
      assert.deepEqual(
        stdout
          .split('\n')
          .filter((line) => line.startsWith(verb))
          .sort(),
        expected(verb),
      )
    }
    const stored = await readdir(join(folder, 'state', 'dashboards'))
    assert.deepEqual(stored.sort(), dashboards.map((id) => `${id}.json`).sort())
    assert.equal((await readdir(join(folder, 'state', 'policies'))).length, policies.length)
  })

  const path = () => `${join(folder, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`
  it('uses the commands for policies of a gcloud that has them outside of alpha', () => {
    const { status, stderr } = run(['--project', 'demo-project'], path(), { GA_POLICIES: '1' })
    assert.equal(status, 0, stderr)
  })

  it('sends the dashboards where policies fail, says so, and ends with 1', () => {
    const { status, stdout, stderr } = run(['--project', 'demo-project'], path(), {
      POLICIES_FAIL: 'ERROR: (gcloud.alpha.monitoring.policies.list) PERMISSION_DENIED: no',
    })
    assert.equal(status, 1)
    assert.match(stdout, /^updated dashboard flask-app$/m)
    assert.match(
      stderr,
      /the dashboards were sent, the \d+ alert policies were not: gcloud alpha monitoring policies list failed:\n.*PERMISSION_DENIED/,
    )
  })

  it('ends with 0 where the API has no policies at all', () => {
    const { status, stderr } = run(['--project', 'demo-project'], path(), {
      POLICIES_FAIL: 'ERROR: (gcloud.alpha.monitoring.policies.list) UNIMPLEMENTED: no',
    })
    assert.equal(status, 0)
    assert.match(stderr, /alert policies were not/)
  })

  it('says which version has the commands', () => {
    const { status, stderr } = run(['--project', 'demo-project'], path(), {
      POLICIES_FAIL: 'ERROR: You do not currently have this command group installed.',
    })
    assert.equal(status, 1)
    assert.match(
      stderr,
      /this gcloud has no command "alpha monitoring policies list"\. Version 528\.0\.0 has it: run `gcloud components update` and `gcloud components install alpha`\./,
    )
  })

  it('writes the generated files for Managed Service for Prometheus', async () => {
    const out = join(folder, 'out')
    const { status, stderr } = run(['--gmp', '--out', out], join(folder, 'nothing'))
    assert.equal(status, 0, stderr)
    const text = await readFile(join(out, 'dashboards', 'flask-app.json'), 'utf8')
    assert.match(text, /prometheus\.googleapis\.com\/flask_http_request_total\/counter/)
    assert.doesNotMatch(text, /external\.googleapis\.com/)
  })
})
