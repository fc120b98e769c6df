import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { readOptions } from '../options.ts'
import { scrapeTargets } from './parts.ts'
import { scrapeConfig } from './scrape-config.ts'

const options = readOptions(['verify', '--port-offset', '20000'])
assert(typeof options !== 'string')
const targets = scrapeTargets(options)

test('every target has the labels that Kubernetes discovery and the relabeling give to a pod', () => {
  const { scrape_configs: jobs } = parse(scrapeConfig(targets))
  assert.equal(jobs.length, 1)
  assert.equal(jobs[0].job_name, 'kubernetes-pods')
  assert.equal(jobs[0].static_configs.length, targets.length)
  assert.deepEqual(jobs[0].static_configs[0], {
    targets: ['127.0.0.1:29101'],
    labels: {
      app: 'flask-app-tutorial',
      kubernetes_namespace: 'default',
      kubernetes_pod_name: 'flask-app-tutorial-local',
      kubernetes_container_name: 'flask-app-tutorial',
      __meta_kubernetes_namespace: 'default',
      __meta_kubernetes_pod_name: 'flask-app-tutorial-local',
      __meta_kubernetes_pod_container_name: 'flask-app-tutorial',
    },
  })
})

test('a real Prometheus gets the same jobs, and the URL for remote_write', () => {
  const own = parse(scrapeConfig(targets))
  const prometheus = parse(scrapeConfig(targets, 'http://127.0.0.1:29091/api/v1/write'))
  assert.deepEqual(prometheus.scrape_configs, own.scrape_configs)
  assert.equal(own.remote_write, undefined)
  assert.equal(prometheus.remote_write[0].url, 'http://127.0.0.1:29091/api/v1/write')
})
