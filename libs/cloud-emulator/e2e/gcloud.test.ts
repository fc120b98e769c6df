import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { requestJson, startTestEmulator } from '../test/testing/running-emulator.ts'
import { gcloudSession, NO_GCLOUD } from './gcloud-session.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

const dashboard = (displayName: string) => ({
  displayName,
  mosaicLayout: {
    columns: 48,
    tiles: [
      {
        width: 24,
        height: 16,
        widget: {
          title: 't',
          xyChart: {
            chartOptions: { mode: 'COLOR' },
            dataSets: [
              {
                plotType: 'LINE',
                targetAxis: 'Y1',
                minAlignmentPeriod: '60s',
                timeSeriesQuery: {
                  timeSeriesFilter: {
                    filter: 'metric.type="custom.googleapis.com/x"',
                    aggregation: { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MEAN' },
                  },
                },
              },
            ],
          },
        },
      },
    ],
  },
})

describe("Google's own gcloud", { skip: NO_GCLOUD }, () => {
  test('manages dashboards, and shows what is not implemented', async (context) => {
    const { url } = await startTestEmulator(context, { nowMs: Date.now })
    const { folder, run } = await gcloudSession(context, url)
    const gcloud = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run('gcloud', args)
      assert.equal(code, 0, stderr)
      return stdout
    }
    const file = async (json: object): Promise<string> => {
      const path = join(folder, 'dashboard.json')
      await writeFile(path, JSON.stringify(json))
      return `--config-from-file=${path}`
    }
    const name = 'projects/demo-project/dashboards/one'
    const commands = ['monitoring', 'dashboards']

    await context.test('create, list, describe, update, delete', async () => {
      await gcloud(...commands, 'create', await file({ name, ...dashboard('first') }))
      await gcloud(...commands, 'create', '--validate-only', await file(dashboard('not kept')))
      const [listed, ...more] = JSON.parse(await gcloud(...commands, 'list', '--format=json'))
      assert.deepEqual([listed.name, listed.displayName, more], [name, 'first', []])
      const { etag, ...described } = JSON.parse(await gcloud(...commands, 'describe', 'one', '--format=json'))
      assert.deepEqual(described, { name, ...dashboard('first') })
      await gcloud(...commands, 'update', 'one', await file({ ...dashboard('second'), etag }))
      assert.equal((await requestJson(`${url}/v1/${name}`)).json.displayName, 'second')
      const outdated = await run('gcloud', [...commands, 'update', 'one', await file({ ...dashboard('third'), etag })])
      assert.match(outdated.stderr, /ABORTED: .* is outdated/)
      await gcloud(...commands, 'delete', 'one', '--quiet')
      assert.equal((await requestJson(`${url}/v1/${name}`)).status, 404)
    })

    await context.test('logging: write, read, list, delete', async () => {
      await gcloud(
        'logging',
        'write',
        'my-log',
        '{"message": "hello", "n": 7}',
        '--payload-type=json',
        '--severity=ERROR',
      )
      await gcloud('logging', 'write', 'my-log', 'a text')
      const read = async (filter: string): Promise<Record<string, unknown>[]> =>
        JSON.parse(await gcloud('logging', 'read', filter, '--format=json'))
      const [entry, ...more] = await read('severity>=WARNING jsonPayload.message:HELLO jsonPayload.n>5')
      assert.deepEqual(more, [])
      assert.deepEqual([entry?.severity, entry?.jsonPayload], ['ERROR', { message: 'hello', n: 7 }])
      assert.equal((await read('log_id("my-log")')).length, 2)
      const wrong = await run('gcloud', ['logging', 'read', 'severity='])
      assert.match(wrong.stderr, /INVALID_ARGUMENT: Unparseable filter: syntax error at line 1, column \d+/)
      assert.match(await gcloud('logging', 'logs', 'list'), /projects\/demo-project\/logs\/my-log/)
      await gcloud('logging', 'logs', 'delete', 'my-log', '--quiet')
      assert.deepEqual(await read('log_id("my-log")'), [])
      const absent = await run('gcloud', ['logging', 'sinks', 'list'])
      assert.match(absent.stderr, /Sinks, .* are not implemented by this emulator/)
    })

    await context.test('each command of the README', async () => {
      const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
      const [, section = ''] = /\n## With gcloud\n(.*?)\n## /s.exec(readme) ?? []
      const lines = section.match(/^ {4}gcloud .*$/gm) ?? []
      assert.ok(lines.length >= 9, section)
      for (const line of lines) {
        const { code, stderr } = await run('sh', ['-c', `cd '${ROOT}' && ${line}`])
        assert.equal(code, 0, `${line}\n${stderr}`)
      }
    })

    await context.test('shows our messages', async () => {
      const missing = await run('gcloud', [...commands, 'describe', 'none'])
      assert.match(missing.stderr, /NOT_FOUND: Requested entity was not found/)
      const absent = await run('gcloud', ['beta', 'monitoring', 'metrics-scopes', 'list', 'projects/demo-project'])
      assert.match(absent.stderr, /UNIMPLEMENTED: .* not implemented by this emulator/)
    })

    await context.test('npx nx run deploy:dashboards sends the dashboards of the project', async () => {
      const program = fileURLToPath(new URL('../../../deploy/src/dashboards/main.ts', import.meta.url))
      const args = ['--conditions=@node-to-cloud/source', program, '--project', 'demo-project']
      const { code, stdout, stderr } = await run(process.execPath, args)
      assert.equal(code, 0, stderr)
      assert.match(stdout, /^created dashboard flask-app$/m)
      const { json } = await requestJson(`${url}/v1/projects/demo-project/dashboards`)
      assert.ok(json.dashboards.some((one: { name: string }) => one.name.endsWith('/flask-app')))
    })
  })
})
