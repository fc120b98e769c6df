import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestJson, startTestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'
import { TEST_TYPE } from '../../../test/testing/time-series.ts'

const PROJECT = '/v3/projects/demo-project'
const TYPE = 'custom.googleapis.com/market/measurements/volume'
const labels = [
  { key: 'system_stable', valueType: 'BOOL', description: 'Whether it is stable.' },
  { key: 'condition_summary', valueType: 'STRING', description: 'A summary.' },
]
const descriptor = {
  type: TYPE,
  metricKind: 'GAUGE',
  valueType: 'DISTRIBUTION',
  unit: '{USD}/h',
  description: 'A volume.',
  displayName: 'Volume',
  labels,
  launchStage: 'BETA',
  metadata: { samplePeriod: '100s', ingestDelay: '1000s' },
}
/** The resources of user-defined metrics in the real API. */
const RESOURCES = [
  'aws_ec2_instance',
  'aws_lambda_function',
  'aws_sqs_queue',
  'baremetalsolution.googleapis.com/Instance',
  'cloud_composer_environment',
  'cloud_composer_workflow',
  'cloud_dataproc_batch',
  'dataflow_job',
  'gae_instance',
  'gce_instance',
  'generic_node',
  'generic_task',
  'gke_container',
  'global',
  'k8s_cluster',
  'k8s_container',
  'k8s_node',
  'k8s_pod',
  'k8s_service',
  'prometheus_target',
]

test('a descriptor of a user-defined metric is read without launch stage and metadata, but with its resources', async (context) => {
  const { url } = await startTestEmulator(context)
  const created = await requestJson(`${url}${PROJECT}/metricDescriptors`, { body: descriptor })
  const name = `projects/demo-project/metricDescriptors/${TYPE}`
  const [stable, summary] = labels
  const { valueType: _, ...withoutDefault } = summary ?? {}
  assert.deepEqual(created.json, { ...descriptor, name, labels: [stable, withoutDefault] })
  const { launchStage: _stage, metadata: __, ...kept } = descriptor
  const read = { ...kept, name, labels: [withoutDefault, stable], monitoredResourceTypes: RESOURCES }
  assert.deepEqual((await requestJson(`${url}/v3/${name}`)).json, read)
  const list = await requestJson(`${url}${PROJECT}/metricDescriptors?filter=metric.type%3D%22${TYPE}%22`)
  assert.deepEqual(list.json.metricDescriptors, [read])
  await requestJson(`${url}/v3/${name}`, { method: 'DELETE' })
  const gone = await requestJson(`${url}/v3/${name}`)
  assert.equal(gone.status, 404)
  assert.equal(gone.json.error.message, `Could not find descriptor for metric '${TYPE}'.`)
})

for (const [type, given, projectLabel] of [
  ['aws_sqs_queue', { queue: 'q', region: 'aws:us-east-1', aws_account: '1' }, 'project_id'],
  ['cloud_dataproc_batch', { location: 'us-central1', batch_id: 'b' }, 'project_id'],
  ['baremetalsolution.googleapis.com/Instance', { location: 'us-central1', instance_id: 'i' }, 'resource_container'],
] as const)
  test(`a metric of ${type} has the label ${projectLabel}`, async (context) => {
    const emulator = await startTestEmulator(context)
    await writeAt(emulator, 0, { resource: { type, labels: given } })
    const filter = `metric.type = "${TEST_TYPE}" resource.type = "${type}"`
    const query = new URLSearchParams({ filter, 'interval.endTime': '2026-01-02T03:04:00Z' })
    const { json } = await requestJson(`${emulator.url}${PROJECT}/timeSeries?${query}`)
    assert.deepEqual(json.timeSeries?.[0]?.resource, { type, labels: { ...given, [projectLabel]: 'demo-project' } })
    const { json: found } = await requestJson(
      `${emulator.url}${PROJECT}/monitoredResourceDescriptors/${encodeURIComponent(type)}`,
    )
    assert.equal(found.labels?.[0]?.key, projectLabel, JSON.stringify(found))
  })
