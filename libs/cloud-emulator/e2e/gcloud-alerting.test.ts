import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { policyJson } from '../test/testing/alerting-calls.ts'
import { startTestEmulator } from '../test/testing/running-emulator.ts'
import { gcloudSession, NO_GCLOUD } from './gcloud-session.ts'

interface Gcloud {
  (...args: string[]): Promise<string>
  /** The standard error of a command that must fail. */
  fails(...args: string[]): Promise<string>
  /** The path of a file with this JSON. */
  file(json: object): Promise<string>
}

async function gcloudFor(context: TestContext, url: string): Promise<Gcloud> {
  const { folder, run } = await gcloudSession(context, url)
  let files = 0
  return Object.assign(
    async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run('gcloud', args)
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
      return stdout
    },
    {
      async fails(...args: string[]): Promise<string> {
        const { code, stderr } = await run('gcloud', args)
        assert.notEqual(code, 0, args.join(' '))
        return stderr
      },
      async file(json: object): Promise<string> {
        const path = join(folder, `${files++}.json`)
        await writeFile(path, JSON.stringify(json))
        return path
      },
    },
  )
}

describe("Google's own gcloud on alerting", { skip: NO_GCLOUD }, () => {
  test('policies', async (context) => {
    const { url } = await startTestEmulator(context, { nowMs: Date.now })
    const gcloud = await gcloudFor(context, url)
    const policies = (...args: string[]) => gcloud('alpha', 'monitoring', 'policies', ...args, '--format=json')
    const created = JSON.parse(
      await policies(
        'create',
        `--policy-from-file=${await gcloud.file(policyJson({ userLabels: { team: 'a' } }))}`,
        '--no-enabled',
      ),
    )
    assert.deepEqual([created.displayName, created.enabled], ['too high', false])
    const [listed] = JSON.parse(await policies('list', '--filter=user_labels.team="a"', '--sort-by=display_name'))
    assert.equal(listed.name, created.name)
    const updated = JSON.parse(
      await policies('update', created.name, '--enabled', '--display-name=new', '--update-user-labels=team=b'),
    )
    assert.deepEqual([updated.displayName, updated.enabled, updated.userLabels], ['new', true, { team: 'b' }])
    assert.deepEqual(JSON.parse(await policies('describe', created.name)), updated)
    const withAbsence = JSON.parse(
      await policies(
        'conditions',
        'create',
        created.name,
        '--condition-display-name=absent',
        '--condition-filter=metric.type="custom.googleapis.com/level" AND resource.type="global"',
        '--duration=300s',
        '--if=absent',
      ),
    )
    assert.deepEqual(
      withAbsence.conditions.map(({ displayName }: { displayName: string }) => displayName),
      ['above one', 'absent'],
    )
    const { name: condition } = withAbsence.conditions[1]
    const changed = JSON.parse(
      await policies('conditions', 'update', condition, '--display-name=long', '--trigger-count=2'),
    )
    assert.deepEqual(
      [changed.conditions[1].displayName, changed.conditions[1].conditionAbsent.trigger],
      ['long', { count: 2 }],
    )
    assert.equal(JSON.parse(await policies('conditions', 'describe', condition)).displayName, 'long')
    await policies('conditions', 'delete', condition, '--quiet')
    assert.equal(JSON.parse(await policies('describe', created.name)).conditions.length, 1)
    const refused = await gcloud.fails(
      'alpha',
      'monitoring',
      'policies',
      'create',
      `--policy-from-file=${await gcloud.file(policyJson({ displayName: '' }))}`,
    )
    assert.match(refused, /INVALID_ARGUMENT: Field alert_policy\.display_name/)
    await policies('delete', created.name, '--quiet')
    assert.deepEqual(JSON.parse(await policies('list')), [])
  })

  test('channels and their descriptors', async (context) => {
    const { url } = await startTestEmulator(context, { nowMs: Date.now })
    const gcloud = await gcloudFor(context, url)
    const beta = (...args: string[]) => gcloud('beta', 'monitoring', ...args, '--format=json')
    const descriptors = JSON.parse(await beta('channel-descriptors', 'list'))
    assert.ok(descriptors.some(({ type }: { type: string }) => type === 'webhook_tokenauth'))
    assert.equal(JSON.parse(await beta('channel-descriptors', 'describe', 'email')).type, 'email')
    const labels = '--channel-labels=email_address=me@example.com'
    const created = JSON.parse(await beta('channels', 'create', '--type=email', labels, '--display-name=me'))
    const [listed] = JSON.parse(await beta('channels', 'list', '--type=email'))
    assert.equal(listed.name, created.name)
    const updated = JSON.parse(await beta('channels', 'update', created.name, '--no-enabled', '--description=d'))
    assert.deepEqual([updated.enabled, updated.description], [false, 'd'])
    assert.equal(JSON.parse(await beta('channels', 'describe', created.name)).displayName, 'me')
    await beta('channels', 'delete', created.name, '--quiet')
  })

  test('snoozes', async (context) => {
    const { url } = await startTestEmulator(context, { nowMs: Date.now })
    const gcloud = await gcloudFor(context, url)
    const file = await gcloud.file(policyJson())
    const policy = JSON.parse(
      await gcloud('alpha', 'monitoring', 'policies', 'create', `--policy-from-file=${file}`, '--format=json'),
    )
    const snoozes = (...args: string[]) => gcloud('monitoring', 'snoozes', ...args, '--format=json')
    const criteria = `--criteria-policies=${policy.name}`
    const created = JSON.parse(
      await snoozes('create', criteria, '--display-name=s', '--start-time=+PT0S', '--end-time=+PT1H'),
    )
    assert.deepEqual(created.criteria, { policies: [policy.name] })
    const [listed] = JSON.parse(await snoozes('list'))
    assert.equal(listed.name, created.name)
    const updated = JSON.parse(await snoozes('update', created.name, '--display-name=longer', '--end-time=+PT2H'))
    assert.equal(updated.displayName, 'longer')
    assert.equal(JSON.parse(await snoozes('describe', created.name)).displayName, 'longer')
    const cancelled = JSON.parse(await snoozes('cancel', created.name))
    assert.ok(Date.parse(cancelled.interval.endTime) <= Date.now() + 60_000)
  })

  test('uptime checks', async (context) => {
    const { url } = await startTestEmulator(context, { nowMs: Date.now })
    const gcloud = await gcloudFor(context, url)
    const uptime = (...args: string[]) => gcloud('monitoring', 'uptime', ...args, '--format=json')
    const created = JSON.parse(
      await uptime(
        'create',
        'My site',
        '--resource-type=uptime-url',
        '--resource-labels=host=127.0.0.1,project_id=demo-project',
        '--path=/healthz',
        '--port=9',
        '--period=1',
        '--timeout=5',
      ),
    )
    assert.deepEqual([created.httpCheck.path, created.period, created.timeout], ['/healthz', '60s', '5s'])
    const [listed] = JSON.parse(await uptime('list-configs'))
    assert.equal(listed.name, created.name)
    const updated = JSON.parse(await uptime('update', created.name, '--path=/readyz', '--set-status-classes=2xx,3xx'))
    assert.equal(updated.httpCheck.path, '/readyz')
    assert.equal(updated.httpCheck.acceptedResponseStatusCodes.length, 2)
    assert.equal(JSON.parse(await uptime('describe', created.name)).displayName, 'My site')
    assert.ok(JSON.parse(await uptime('list-ips')).length > 0)
    await uptime('delete', created.name, '--quiet')
  })
})
