import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { freePort } from '@node-to-cloud/bench'
import { parseDocument } from 'yaml'
import { repositoryRoot } from '../src/repository-root.ts'
import { answerOf } from './answer-of.ts'
import { ContainerEngine, reasonAgainstContainers } from './container-engine.ts'
import { EmptyProject } from './empty-project.ts'

const examples = join(repositoryRoot, 'examples')
const PROJECTS = ['apps/flask-app', 'libs/prometheus-sidecar', 'libs/cloud-emulator'] as const

describe('examples in containers', { skip: reasonAgainstContainers(['podman', 'runc']) }, () => {
  const engine = new ContainerEngine()
  const project = new EmptyProject()
  before(() => {
    execFileSync(join(repositoryRoot, 'node_modules/.bin/tsc'), ['-b', ...PROJECTS], { cwd: repositoryRoot })
    engine.buildImage('libs/cloud-emulator')
  })
  after(async () => {
    await project[Symbol.asyncDispose]()
    await engine[Symbol.asyncDispose]()
  })

  test('emulator-in-tests passes with the emulator in a container, by Testcontainers', async () => {
    await engine.listen()
    project.install('testcontainers@12')
    for (const file of ['orders.js', 'emulator-container.js', 'orders-in-container.test.js']) {
      project.write(file, readFileSync(join(examples, 'emulator-in-tests', file), 'utf8'))
    }
    const args = ['--test', '--test-reporter=tap', 'orders-in-container.test.js']
    assert.match(await engine.run(process.execPath, args, project.folder), /^# pass 2$/m)
  })

  const skip = reasonAgainstContainers(['podman-compose', 'dnsmasq'])
  test('compose.yaml: metrics and traces of the service arrive in the emulator', { skip }, async (t) => {
    engine.buildImage('apps/flask-app')
    engine.buildImage('libs/prometheus-sidecar')
    const [emulator, service, sidecar] = await Promise.all(Array.from({ length: 3 }, freePort))
    const compose = parseDocument(readFileSync(join(examples, 'compose/compose.yaml'), 'utf8'))
    compose.setIn(['services', 'emulator', 'ports'], [`127.0.0.1:${emulator}:8085`])
    compose.setIn(['services', 'service', 'ports'], [`127.0.0.1:${service}:8080`])
    compose.setIn(['services', 'sidecar', 'ports'], [`127.0.0.1:${sidecar}:9091`])
    // podman-compose 1.0 knows neither profiles nor networks with settings, which Grafana alone needs.
    compose.deleteIn(['services', 'grafana'])
    compose.deleteIn(['services', 'emulator', 'networks'])
    for (const name of ['service', 'sidecar', 'emulator']) compose.deleteIn(['services', name, 'build'])
    project.write('compose.yaml', String(compose))
    project.write('scrape.yml', readFileSync(join(examples, 'compose/scrape.yml'), 'utf8'))
    t.after(() => engine.run('podman-compose', ['down', '--timeout', '2'], project.folder))
    await engine.run('podman-compose', ['up', '--detach'], project.folder)
    const metrics = `http://127.0.0.1:${emulator}/api/metrics?project=demo-project`
    await answerOf(`http://127.0.0.1:${service}/`, (_text, status) => status > 0)
    await answerOf(metrics, (text) => text.includes('prometheus/flask_http_request_duration_seconds'))
    const traces = `http://127.0.0.1:${emulator}/api/traces?project=demo-project`
    await answerOf(traces, (text) => text.includes('flask-app'))
  })
})
