import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { gauge, point, read, request, send, TARGET } from '../../../test/testing/otlp-metrics.ts'
import { requestJson, startTestEmulator } from '../../../test/testing/running-emulator.ts'

describe('the sources of prometheus_target labels', () => {
  const k8s = { 'k8s.pod.name': 'pod', location: 'us-east1' }
  const cases: [resource: Record<string, unknown>, label: string, value: string][] = [
    [{ ...TARGET, location: 'us-east1', 'cloud.availability_zone': 'us-west1-a' }, 'location', 'us-east1'],
    [{ instance: 'i', 'cloud.availability_zone': 'us-west1-a', 'cloud.region': 'us-west2' }, 'location', 'us-west1-a'],
    [{ instance: 'i', 'cloud.region': 'us-west2' }, 'location', 'us-west2'],
    [{ ...TARGET, cluster: 'a', 'k8s.cluster.name': 'b' }, 'cluster', 'a'],
    [{ ...TARGET, 'k8s.cluster.name': 'b', 'cloud.platform': 'gcp_cloud_run' }, 'cluster', 'b'],
    [{ ...TARGET, 'cloud.platform': 'gcp_compute_engine' }, 'cluster', '__gce__'],
    [{ ...TARGET, 'cloud.platform': 'gcp_cloud_run' }, 'cluster', '__run__'],
    [{ ...TARGET, 'cloud.platform': 'aws_ec2' }, 'cluster', ''],
    [{ ...TARGET, namespace: 'a', 'k8s.namespace.name': 'b' }, 'namespace', 'a'],
    [{ ...TARGET, 'k8s.namespace.name': 'b', 'service.namespace': 'c' }, 'namespace', 'b'],
    [{ ...TARGET, 'service.namespace': 'c' }, 'namespace', 'c'],
    [TARGET, 'namespace', ''],
    [{ ...TARGET, job: 'j', 'service.name': 's' }, 'job', 'j'],
    [{ ...k8s, 'service.namespace': 'n', 'service.name': 's' }, 'job', 'n/s'],
    [{ ...k8s, 'service.name': 's', 'faas.name': 'f' }, 'job', 's'],
    [{ ...k8s, 'service.name': 'unknown_service:node', 'faas.name': 'f' }, 'job', 'f'],
    [{ ...k8s, 'service.name': 'unknown_service', 'k8s.deployment.name': 'd' }, 'job', 'd'],
    [{ ...k8s, 'k8s.replicaset.name': 'r' }, 'job', 'r'],
    [{ ...k8s, 'k8s.statefulset.name': 'r' }, 'job', 'r'],
    [{ ...k8s, 'k8s.daemonset.name': 'r' }, 'job', 'r'],
    [{ ...k8s, 'k8s.job.name': 'r' }, 'job', 'r'],
    [{ ...k8s, 'k8s.cronjob.name': 'r' }, 'job', 'r'],
    [{ ...k8s, 'service.name': 'unknown_service:node' }, 'job', 'unknown_service:node'],
    [k8s, 'job', ''],
    [{ ...TARGET, instance: 'i', 'service.instance.id': 'x' }, 'instance', 'i'],
    [{ ...k8s, 'service.instance.id': 'x', 'faas.instance': 'y' }, 'instance', 'x'],
    [{ ...k8s, 'faas.instance': 'y' }, 'instance', 'y'],
    [{ ...k8s, 'k8s.container.name': 'c' }, 'instance', 'pod:c'],
    [{ ...k8s, 'host.id': 'h' }, 'instance', 'pod'],
    [{ location: 'us-east1', 'host.id': 'h' }, 'instance', 'h'],
  ]
  for (const [resource, label, value] of cases)
    test(`${label} of ${JSON.stringify(resource)} is "${value}"`, async (context) => {
      const emulator = await startTestEmulator(context, { strict: 'on' })
      const body = request([gauge('g', point())], { 'gcp.project_id': 'p', ...resource })
      assert.deepEqual(await send(emulator, body), { rejected: 0, message: '' })
      const [series] = await read(emulator, 'g/gauge', 'p')
      assert.equal(series.resource.type, 'prometheus_target')
      assert.equal(series.resource.labels[label] ?? '', value)
    })
})

describe('a resource that lacks attributes that Google requires', () => {
  const post = async (context: TestContext, strict: 'on' | 'auto', resource: Record<string, unknown>) => {
    const emulator = await startTestEmulator(context, { strict })
    const body = request([gauge('g', point())], resource)
    const answer = await requestJson(`${emulator.url}/v1/metrics`, { body })
    await requestJson(`${emulator.url}/v1/metrics`, { body: request([gauge('h', point())], resource) })
    return { emulator, answer, refusals: (await requestJson(`${emulator.url}/api/refusals`)).json }
  }

  test("on a plaintext port it is stored, and the Writes page shows Google's error once", async (context) => {
    const { emulator, answer, refusals } = await post(context, 'auto', { 'service.name': 'shop', 'host.name': 'h' })
    assert.deepEqual(answer.json, {})
    const [series] = await read(emulator, 'g/gauge')
    const { location, job, instance } = series.resource.labels
    assert.deepEqual([location, job, instance], ['global', 'shop', 'h'])
    assert.deepEqual(
      refusals.refusals.map(({ subject, points }: { subject: string; points: number }) => [subject, points]),
      [
        ['metrics of shop', 0],
        ['metrics of shop', 0],
      ],
    )
    assert.match(refusals.refusals[0].message, /must not be empty: location .*, instance .*Google rejects/)
    assert.match(refusals.refusals[1].message, /missing required attribute "gcp\.project_id"/)
  })

  test('in strict mode, a request without a project is rejected as a whole', async (context) => {
    const { emulator, answer } = await post(context, 'on', TARGET)
    assert.equal(answer.status, 400)
    assert.deepEqual(answer.json, { code: 3, message: 'Resource is missing required attribute "gcp.project_id".' })
    assert.equal((await requestJson(`${emulator.url}/api/summary`)).json.points, 0)
  })

  test('in strict mode, points without location or instance are rejected', async (context) => {
    const { answer } = await post(context, 'on', { 'gcp.project_id': 'p', 'host.name': 'h' })
    assert.equal(answer.status, 200)
    assert.equal(answer.json.partialSuccess.rejectedDataPoints, '1')
    assert.match(answer.json.partialSuccess.errorMessage, /must not be empty: location .*, instance/)
  })
})
