import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Labels } from '../model/labels/labels.ts'
import { PrometheusApiError } from './prometheus-api.ts'
import { PrometheusTargets } from './prometheus-targets.ts'
import { TargetsUnavailableError } from './target-directory.ts'

interface FakeTarget {
  readonly labels: Record<string, string>
  readonly discoveredLabels?: Record<string, string>
  readonly types?: Record<string, string>
}

/** A Prometheus server with targets that a test changes. */
function fakePrometheus(...targets: FakeTarget[]) {
  const prometheus = {
    targets,
    externalLabels: '',
    scrapeConfigs: '[]',
    away: false,
    asked: [] as string[],
    clock: { nowMs: 1_000_000 },
    async request(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> {
      prometheus.asked.push(`${path.replace('api/v1/', '')}${query.match_target ?? ''}`)
      if (prometheus.away) throw new PrometheusApiError('no route')
      if (path === 'api/v1/targets') {
        return {
          activeTargets: prometheus.targets.map(({ labels, discoveredLabels = {} }) => ({ labels, discoveredLabels })),
        }
      }
      if (path === 'api/v1/status/config')
        return {
          yaml: `global: { external_labels: { ${prometheus.externalLabels} } }\nscrape_configs: ${prometheus.scrapeConfigs}`,
        }
      const metadata = prometheus.targets
        .filter(({ labels }) => [undefined, matcherOf(labels)].includes(query.match_target))
        .flatMap(({ labels, types = {} }) =>
          Object.entries(types).map(([metric, type]) => ({ target: labels, metric, type, help: '', unit: '' })),
        )
      if (metadata.length > 0) return metadata
      throw new PrometheusApiError('specified metadata not found', { status: 404, errorType: 'not_found' })
    },
  }
  return prometheus
}

const matcherOf = ({ job, instance }: Record<string, string>) => `{job="${job}",instance="${instance}"}`

type FakePrometheus = ReturnType<typeof fakePrometheus>

function directory(prometheus: FakePrometheus, saved?: unknown): PrometheusTargets {
  return new PrometheusTargets({
    request: prometheus.request,
    log: { warn() {}, info() {} },
    nowMs: () => prometheus.clock.nowMs,
    minRefreshIntervalMs: 0,
    saved,
  })
}

const labels = (text: Record<string, string>): Labels => new Map(Object.entries(text))
const A = {
  labels: { job: 'j', instance: 'a', app: 'x' },
  discoveredLabels: { __meta_a: '1' },
  types: { m: 'counter', u: 'untyped' },
}
const B = { labels: { job: 'j', instance: 'b' }, types: { m: 'gauge' } }

/** Looks up a series as ingestion does; returns the type of `m`. */
async function typeOfM(targets: PrometheusTargets, of: Labels): Promise<string | undefined> {
  const target = targets.find(of)
  if (target === undefined || targets.typeOf(target, 'm') === undefined) await targets.refresh([{ labels: of, target }])
  return targets.typeOf(targets.find(of), 'm')
}

describe('PrometheusTargets', () => {
  it('keeps types by target', async () => {
    const targets = directory(fakePrometheus(A, B))
    assert.equal(await typeOfM(targets, labels({ __name__: 'm', job: 'j', instance: 'a', app: 'x' })), 'counter')
    assert.equal(await typeOfM(targets, labels({ __name__: 'm', job: 'j', instance: 'b' })), 'gauge')
    assert.equal(targets.typeOf(targets.find(labels(A.labels)), 'u'), 'unknown')
    assert.equal(targets.typeOf(targets.find(labels(B.labels)), 'u'), undefined)
  })

  it('matches by the labels that both series and target have', async () => {
    const targets = directory(fakePrometheus(A, B))
    await targets.refreshAll({ metadata: true })
    assert.equal(targets.find(labels({ job: 'j', instance: 'a', app: 'other' })), undefined)
    assert.equal(targets.find(labels({ job: 'j', instance: 'a', extra: 'y' }))?.discoveredLabels.get('__meta_a'), '1')
    assert.equal(targets.find(labels({ job: 'j' })), undefined)
  })

  it('finds the best match of targets that share job and instance', async () => {
    const own = { job: 'j', instance: 'a' }
    const [more, other, less] = [{ ...own, app: 'x' }, { ...own, app: 'y' }, own]
    const targets = directory(fakePrometheus({ labels: more }, { labels: other }, { labels: less }))
    await targets.refreshAll({ metadata: false })
    const found = (extra: Record<string, string>) =>
      Object.fromEntries(targets.find(labels({ ...own, ...extra }))?.labels ?? [])
    assert.deepEqual(found({ app: 'x' }), more)
    assert.deepEqual(found({ app: 'y', path: '/' }), other)
    assert.deepEqual(found({}), less)
    assert.deepEqual(found({ app: 'z' }), less)
  })

  it('finds none if two targets match equally', async () => {
    const own = { job: 'j', instance: 'a' }
    const targets = directory(fakePrometheus({ labels: { ...own, app: 'x' } }, { labels: { ...own, app: 'y' } }))
    await targets.refreshAll({ metadata: false })
    assert.equal(targets.find(labels(own)), undefined)
  })

  it('keeps the known one of two targets with the same labels', async () => {
    const own = { job: 'j', instance: 'a' }
    const [first, second] = ['/a', '/b'].map((path) => ({ labels: own, discoveredLabels: { __metrics_path__: path } }))
    assert.ok(first !== undefined && second !== undefined)
    const prometheus = fakePrometheus(first, second)
    const targets = directory(prometheus)
    await targets.refreshAll({ metadata: false })
    const { generation } = targets
    prometheus.targets = [second, first]
    await targets.refreshAll({ metadata: false })
    assert.equal(targets.find(labels(own))?.discoveredLabels.get('__metrics_path__'), '/a')
    assert.equal(targets.generation, generation)
    prometheus.targets = [second]
    await targets.refreshAll({ metadata: false })
    assert.equal(targets.find(labels(own))?.discoveredLabels.get('__metrics_path__'), '/b')
  })

  it('finds the target of a series with its own job and instance if the target’s job honors labels', async () => {
    const gateway = {
      labels: { job: 'gateway', instance: 'g' },
      discoveredLabels: { job: 'gateway' },
      types: { m: 'counter' },
    }
    const other = { labels: { job: 'other', instance: 'o' }, discoveredLabels: { job: 'other' }, types: { m: 'gauge' } }
    const prometheus = fakePrometheus(gateway, other)
    const targets = directory(prometheus)
    const pushed = labels({ __name__: 'm_total', job: 'batch' })
    await targets.refreshAll({ metadata: true })
    assert.equal(targets.find(pushed), undefined)
    prometheus.scrapeConfigs = '[{ job_name: gateway, honor_labels: true }, { job_name: other }]'
    await targets.refreshAll({ metadata: true })
    assert.equal(targets.find(pushed)?.labels.get('job'), 'gateway')
    assert.equal(targets.find(labels({ __name__: 'rule', job: 'batch' })), undefined)
    prometheus.scrapeConfigs = '[{ job_name: gateway, honor_labels: true }, { job_name: other, honor_labels: true }]'
    await targets.refreshAll({ metadata: true })
    assert.equal(targets.find(pushed), undefined)
  })

  it('makes one request for everything that is missing at the same time', async () => {
    const prometheus = fakePrometheus(A, B)
    const targets = directory(prometheus)
    await Promise.all(
      [A, B, A].map((target) =>
        targets.refresh([{ labels: labels({ __name__: 'm', ...target.labels }), target: undefined }]),
      ),
    )
    assert.equal(prometheus.asked.filter((path) => path === 'targets').length, 1)
    assert.deepEqual(prometheus.asked.filter((path) => path.startsWith('targets/metadata')).sort(), [
      'targets/metadata{job="j",instance="a"}',
      'targets/metadata{job="j",instance="b"}',
    ])
  })

  it('waits between fetches', async () => {
    const prometheus = fakePrometheus(A)
    const targets = new PrometheusTargets({
      request: prometheus.request,
      log: { warn() {}, info() {} },
      nowMs: () => prometheus.clock.nowMs,
      minRefreshIntervalMs: 60,
    })
    const miss = (instance: string) => targets.refresh([{ labels: labels({ job: 'x', instance }), target: undefined }])
    await miss('a')
    const startMs = performance.now()
    await Promise.all([miss('b'), miss('c')])
    assert.ok(performance.now() - startMs > 50)
    assert.equal(prometheus.asked.filter((path) => path === 'targets').length, 2)
  })

  it('does not soon repeat a lookup that found nothing', async () => {
    const prometheus = fakePrometheus(A)
    const targets = directory(prometheus)
    const missing = [{ labels: labels({ __name__: 'rule' }), target: undefined }]
    await targets.refresh(missing)
    const before = prometheus.asked.length
    await targets.refresh(missing)
    assert.equal(prometheus.asked.length, before)
    prometheus.clock.nowMs += 31_000
    await targets.refresh(missing)
    assert.ok(prometheus.asked.length > before)
  })

  it('accepts that Prometheus has no metadata for a target that was never scraped', async () => {
    const down = { labels: { job: 'j', instance: 'down' } }
    const targets = directory(fakePrometheus(A, down))
    const missing = { labels: labels({ __name__: 'scrape_series_added', ...down.labels }), target: undefined }
    await targets.refresh([missing])
    assert.notEqual(targets.find(labels(down.labels)), undefined)
    assert.equal(targets.health.lastError, undefined)
    assert.equal(await directory(fakePrometheus(down)).refreshAll({ metadata: true }), true)
  })

  it('keeps its generation if nothing was found', async () => {
    const prometheus = fakePrometheus(A)
    const targets = directory(prometheus)
    await targets.refreshAll({ metadata: true })
    const before = targets.generation
    for (const instance of ['x', 'y'])
      await targets.refresh([{ labels: labels({ job: 'other', instance }), target: undefined }])
    assert.equal(targets.generation, before)
  })

  it('keeps a target that is gone for 25 hours', async () => {
    const prometheus = fakePrometheus(A)
    const targets = directory(prometheus)
    await targets.refreshAll({ metadata: true })
    prometheus.targets = [B]
    prometheus.clock.nowMs += 24 * 3_600_000
    await targets.refreshAll({ metadata: true })
    assert.notEqual(targets.find(labels(A.labels)), undefined)
    prometheus.clock.nowMs += 2 * 3_600_000
    await targets.refreshAll({ metadata: true })
    assert.equal(targets.find(labels(A.labels)), undefined)
  })

  it('notices new discovered labels of a target', async () => {
    const prometheus = fakePrometheus(A)
    const targets = directory(prometheus)
    await targets.refreshAll({ metadata: true })
    const before = targets.generation
    await targets.refreshAll({ metadata: true })
    assert.equal(targets.generation, before)
    prometheus.targets = [{ ...A, discoveredLabels: { __meta_a: '2' } }]
    await targets.refreshAll({ metadata: false })
    assert.ok(targets.generation > before)
    assert.equal(targets.find(labels(A.labels))?.discoveredLabels.get('__meta_a'), '2')
    assert.equal(targets.typeOf(targets.find(labels(A.labels)), 'm'), 'counter')
  })

  it('finds external labels in the configuration', async () => {
    const prometheus = fakePrometheus(A)
    prometheus.externalLabels = 'region: eu, replica: "1"'
    const targets = directory(prometheus)
    await targets.refreshAll({ metadata: false })
    assert.deepEqual(Object.fromEntries(targets.externalLabels), { region: 'eu', replica: '1' })
  })

  it('starts from the saved state, and saves only changes', async () => {
    const prometheus = fakePrometheus(A)
    const first = directory(prometheus)
    await first.refreshAll({ metadata: true })
    const saved: unknown = JSON.parse(JSON.stringify(first.save()))
    assert.equal(first.save(), undefined)
    prometheus.clock.nowMs += 3_600_000
    await first.refreshAll({ metadata: true })
    const later = JSON.stringify(first.save())
    assert.ok(later.includes(`"seenMs":${prometheus.clock.nowMs}`), 'the time it was last seen is saved too')
    prometheus.away = true
    const second = directory(prometheus, saved)
    assert.equal(second.typeOf(second.find(labels(A.labels)), 'm'), 'counter')
    assert.equal(directory(prometheus, { targets: [{ seenMs: 'x' }, 3] }).health.targets, 0)
  })

  it('logs when Prometheus is unreachable, and when it is reachable again', async () => {
    const prometheus = fakePrometheus(A)
    prometheus.away = true
    const targets = directory(prometheus)
    await assert.rejects(targets.refresh([{ labels: labels(A.labels), target: undefined }]), TargetsUnavailableError)
    assert.equal(targets.health.lastError, 'no route')
    prometheus.away = false
    assert.equal(await targets.refreshAll({ metadata: true }), true)
    assert.equal(targets.health.lastError, undefined)
  })
})
