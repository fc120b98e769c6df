import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { findPeer } from '@node-to-cloud/peers'
import type { V1ConfigMap } from '../checks/kubernetes-types.ts'
import { buildKustomization } from '../checks/kustomize/build.ts'
import { compositions } from '../checks/kustomize/compositions.ts'
import { findKustomize } from '../checks/kustomize/tool.ts'
import { isKind } from '../checks/manifest.ts'
import { withStaticTargets } from '../checks/prometheus/promtool-config.ts'
import { deployDir, rootDir } from '../src/repository.ts'

/** Of the version that the manifests run: an older one does not know all of their configuration. */
const [promtoolPath, prometheusPath] = await Promise.all([findPeer('promtool'), findPeer('prometheus')])
const skip =
  promtoolPath === undefined || prometheusPath === undefined ? 'node tools/peers/src/main.ts prometheus' : false

describe('prometheus.yml and its rules', { skip }, () => {
  let folder = ''
  /** Each distinct configuration, with the first composition that has it. */
  const configurations = new Map<string, { composition: string; rules: string }>()
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'prometheus-config-'))
    const tool = findKustomize()
    for (const composition of compositions()) {
      const manifests = await buildKustomization(tool, join(deployDir, composition))
      for (const { metadata, data = {} } of manifests.filter(isKind<V1ConfigMap>('ConfigMap'))) {
        const config = data['prometheus.yml']
        if (metadata.name !== 'prometheus-k8s' || config === undefined || configurations.has(config)) continue
        configurations.set(config, { composition, rules: data['pipeline.rules.yml'] ?? '' })
      }
    }
  })
  after(() => rmSync(folder, { recursive: true }))

  const write = (name: string, content: string) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const promtool = (...args: string[]) => spawnSync(promtoolPath ?? '', args, { encoding: 'utf8' })

  test('promtool accepts every configuration, with and without a sidecar', () => {
    assert.deepEqual([...configurations.values()].map(({ composition }) => composition).sort(), [
      'base',
      'overlays/gke',
      'tests/emulator',
      'tests/gmp-format',
    ])
    for (const [config, { composition, rules }] of configurations) {
      const ruleFiles = [write('pipeline.rules.yml', rules)]
      const file = write(
        'prometheus.yml',
        withStaticTargets(config, { targets: [{ address: '127.0.0.1:1', labels: {} }], ruleFiles }),
      )
      const { status, stdout, stderr } = promtool('check', 'config', file)
      assert.equal(status, 0, `${composition}: ${stdout}${stderr}`)
      assert.match(stdout, /1 rule files? found/)
      const broken = write(
        'broken.yml',
        withStaticTargets(config.replace('target_label', 'taget_label'), { targets: [], ruleFiles }),
      )
      assert.notEqual(promtool('check', 'config', broken).status, 0, 'promtool refuses an unknown field')
    }
  })

  test('the rules are valid and pass their tests', () => {
    const rules = join(deployDir, 'base/monitoring/pipeline.rules.yml')
    const checked = promtool('check', 'rules', rules)
    assert.equal(checked.status, 0, checked.stderr)
    const tested = promtool('test', 'rules', join(deployDir, 'base/monitoring/pipeline.rules.test.yml'))
    assert.equal(tested.status, 0, `${tested.stdout}${tested.stderr}`)
    const alerts = (file: string, pattern: RegExp) =>
      new Set(
        [...readFileSync(join(deployDir, 'base/monitoring', file), 'utf8').matchAll(pattern)].map(([, name]) => name),
      )
    const fired = alerts('pipeline.rules.test.yml', /alertname: (\w+)\n\s+exp_alerts:\n/g)
    assert.deepEqual(
      [...alerts('pipeline.rules.yml', /- alert: (\w+)/g)].filter((name) => !fired.has(name)),
      [],
    )
  })

  test('series have the labels of the original system', async () => {
    const [config = ''] = [...configurations.keys()]
    const pod = (port: string, name: string, phase = 'Running') => ({
      __meta_kubernetes_pod_container_port_name: port,
      __meta_kubernetes_pod_label_name: name,
      __meta_kubernetes_pod_label_app_kubernetes_io_name: name,
      __meta_kubernetes_namespace: 'default',
      __meta_kubernetes_pod_name: `${name}-5c9f`,
      __meta_kubernetes_pod_container_name: 'app',
      __meta_kubernetes_pod_host_ip: '10.0.0.7',
      __meta_kubernetes_pod_phase: phase,
    })
    const targets = [
      { address: '127.0.0.1:1', labels: pod('flask-metrics', 'flask-app-tutorial') },
      { address: '127.0.0.1:2', labels: pod('http', 'flask-app-tutorial') },
      { address: '127.0.0.1:3', labels: pod('worker-metrics', 'loadtester-worker', 'Failed') },
    ]
    const file = write('discovered.yml', withStaticTargets(config, { targets, ruleFiles: [] }))
    const listen = '127.0.0.1:0'
    const prometheus = spawn(
      prometheusPath ?? '',
      [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${listen}`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    try {
      const address = await addressOf(prometheus.pid ?? 0)
      const { data } = await until(async () => {
        const answer = await fetch(`http://${address}/api/v1/targets`)
        const body: { data: { activeTargets: { labels: Record<string, string> }[] } } = JSON.parse(await answer.text())
        return body.data.activeTargets.length > 1 ? body : undefined
      })
      const pods = data.activeTargets.map(({ labels }) => labels).filter(({ job }) => job === 'kubernetes-pods')
      assert.deepEqual(pods, [
        {
          app: 'flask-app-tutorial',
          app_kubernetes_io_name: 'flask-app-tutorial',
          instance: '127.0.0.1:1',
          job: 'kubernetes-pods',
          kubernetes_container_name: 'app',
          kubernetes_namespace: 'default',
          kubernetes_pod_host_ip: '10.0.0.7',
          kubernetes_pod_name: 'flask-app-tutorial-5c9f',
          name: 'flask-app-tutorial',
        },
      ])
    } finally {
      prometheus.kill('SIGTERM')
      await new Promise((resolve) => prometheus.on('exit', resolve))
    }
  })
})

test('shellcheck finds nothing in the scripts', { skip: missing('shellcheck') }, () => {
  const scripts = execFileSync('git', ['ls-files', '*.sh'], { cwd: rootDir, encoding: 'utf8' }).trim().split('\n')
  assert.ok(scripts.includes('deploy/prometheus_patch.sh'))
  const { status, stdout } = spawnSync('shellcheck', scripts, { cwd: rootDir, encoding: 'utf8' })
  assert.equal(status, 0, stdout)
})

/** The address that a process listens on, once it does. Prometheus does not print the port it was given for 0. */
async function addressOf(pid: number): Promise<string> {
  return until(async () => {
    const inodes = new Set(
      execFileSync('sh', ['-c', `ls -l /proc/${pid}/fd 2>/dev/null | grep -o 'socket:\\[[0-9]*' || true`], {
        encoding: 'utf8',
      })
        .split('\n')
        .map((line) => line.slice('socket:['.length)),
    )
    const listening = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
    const found = listening.find((fields) => fields[3] === '0A' && inodes.has(fields[9] ?? ''))
    return found ? `127.0.0.1:${Number.parseInt(found[1]?.split(':')[1] ?? '', 16)}` : undefined
  })
}

async function until<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const result = await attempt().catch(() => undefined)
    if (result !== undefined) return result
    if (Date.now() > deadline) throw new Error('not within 60 s')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** The reason to skip tests without these Debian packages. In CI a missing package is an error. */
function missing(...names: string[]): string | false {
  const absent = names.filter((name) => spawnSync('which', [name]).status !== 0)
  if (absent.length === 0) return false
  if (process.env.CI === 'true') throw new Error(`apt-get install ${absent.join(' ')}`)
  return `not installed: ${absent.join(', ')}`
}
