import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLocation, resourceValueProblem, targetProblems } from './resource-values.ts'
import { parseScrapeConfig } from './scrape-config.ts'

for (const location of [
  'global',
  'us',
  'nam4',
  'us-central1',
  'us-central1-a',
  'us-central1-ai1a',
  'northamerica-northeast1',
  'aws:us-east-1a',
  'aws:us-gov-west-1',
  'aws:us-west-2-lax-1a',
]) {
  test(`${location} is a location`, () => assert.ok(isLocation(location)))
}

for (const text of [
  'US-CENTRAL1',
  'us_central1',
  'us central1',
  ' us-central1',
  'us-central1-',
  'projects/1/zones/us-central1-a',
  'global/memberships/on-prem-cluster-1',
  'https://cloud.google.com',
  'x'.repeat(1025),
  '',
]) {
  test(`${JSON.stringify(text.slice(0, 40))} is no location`, () => assert.ok(!isLocation(text)))
}

for (const [type, name, value, problem] of [
  ['k8s_cluster', 'location', 'us-central1', undefined],
  ['k8s_cluster', 'location', 'US', /location is "US"; it must be a zone, a region or global/],
  ['k8s_cluster', 'location', '', /location is ""/],
  ['k8s_cluster', 'cluster_name', 'My cluster/1', undefined],
  ['k8s_cluster', 'cluster_name', 'é'.repeat(1024), undefined],
  ['k8s_cluster', 'cluster_name', 'x'.repeat(1025), /cluster_name has 1025 characters; at most 1024 are allowed/],
  ['service.example.com/Thing', 'location', 'Hall 3', undefined],
] as const) {
  test(`${type}, ${name}: ${value.slice(0, 20)}`, () => {
    const found = resourceValueProblem(type, name, value)
    if (problem === undefined) assert.equal(found, undefined)
    else assert.match(found ?? '', problem)
  })
}

test('labels of scraped targets that become labels of their resource are checked', () => {
  const jobs = parseScrapeConfig(
    `scrape_configs: [{ job_name: app, static_configs: [
      { targets: ['127.0.0.1:1'], labels: { location: Hall 3, cluster: c, colour: Sea green } },
      { targets: ['127.0.0.1:2'], labels: { location: '', namespace: ${'x'.repeat(1025)} } },
    ] }]`,
    'prometheus.yml',
  )
  const [location = '', namespace = '', ...others] = targetProblems(jobs)
  assert.match(location, /^the labels of a target of "app": location is "Hall 3"; it must be a zone/)
  assert.match(namespace, /^the labels of a target of "app": the value of namespace has 1025 characters/)
  assert.deepEqual(others, [])
})
