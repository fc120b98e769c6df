import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { prometheusClient, Registry } from '../metrics/client.ts'
import { noAnsweredRequest } from './answered-request.ts'
import { MetricsHooks } from './metrics-hooks.ts'
import { registerRequestMetrics } from './request-metrics.ts'

/** A service of three routes, whose durations are observed. */
async function observedService() {
  const app = Fastify()
  const registry = new Registry()
  const answered = { ...noAnsweredRequest(), durationSeconds: 0.25 }
  const options = { durationName: 'duration_seconds', durationBuckets: [1] }
  const hooks = await registerRequestMetrics(app, registry, options, answered)
  app.addHook('onResponse', (request, reply, done) => {
    hooks.observe(request, reply)
    done()
  })
  app.get('/', (_request, reply) => reply.send('hello'))
  app.get('/items/:id', (_request, reply) => reply.code(404).send('no such item'))
  app.get('/unobserved', { config: { disableMetrics: true } }, (_request, reply) => reply.send('hello'))
  return {
    app,
    /** The observed label sets, by how often. */
    async counts() {
      const [family] = await registry.getMetricsAsJSON()
      return Object.fromEntries(
        (family?.values ?? [])
          .filter((value) => 'metricName' in value && value.metricName === 'duration_seconds_count')
          .map(({ labels: { method, path, status }, value }) => [`${method} ${path} ${status}`, value]),
      )
    },
  }
}

test('each request is observed with the labels of its own', async () => {
  const { app, counts } = await observedService()
  await Promise.all(['/', '/items/1', '/items/2', '/nowhere'].map((url) => app.inject(url)))
  await app.inject({ method: 'POST', url: '/' })
  assert.deepEqual(await counts(), {
    'GET / 200': 1,
    'GET /items/:id 404': 2,
    'GET unmatched 404': 1,
    'POST unmatched 404': 1,
  })
})

test('a route that says `disableMetrics` is not observed, whatever was observed before', async () => {
  const { app, counts } = await observedService()
  for (const url of ['/unobserved', '/', '/unobserved', '/']) await app.inject(url)
  assert.deepEqual(await counts(), { 'GET / 200': 2 })
})

test('fastify-metrics is there for the service as ever', async () => {
  const { app } = await observedService()
  assert.equal(app.metrics.client.Counter, prometheusClient.Counter)
})

test('hooks that are not added are missed at once', () => {
  assert.throws(() => new MetricsHooks(noAnsweredRequest()).assertTaken(), /has not added its hooks/)
})

test('a hook that fastify-metrics did not have before is refused, since nobody would call it', () => {
  const taken = new MetricsHooks(noAnsweredRequest()).takeFrom(Fastify())
  assert.throws(() => taken.addHook('onSend', () => {}), /adds a hook onSend/)
})
