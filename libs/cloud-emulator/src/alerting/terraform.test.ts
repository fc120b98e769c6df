import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { policyJson } from '../../test/testing/alerting-calls.ts'
import { requestJson, startTestEmulator } from '../../test/testing/running-emulator.ts'

type Json = Record<string, unknown>

/**
 * The requests of Terraform's Google provider for a resource: it creates it, reads it, updates it with a mask (or
 * completely), reads it again, as it does for an import, and deletes it.
 */
interface Resource {
  readonly collection: string
  readonly query?: string
  readonly body: Json
  readonly change: Json
  /** The mask of the update; undefined if the provider sends the complete resource. */
  readonly mask?: string
  readonly update?: 'PATCH' | 'PUT'
}

const P = '/v3/projects/demo-project'
const FILTER = 'metric.type="compute.googleapis.com/instance/disk/write_bytes_count" AND resource.type="gce_instance"'
const conditions = (condition: Json): Json => ({
  displayName: 'My Alert Policy',
  combiner: 'OR',
  enabled: true,
  conditions: [{ displayName: 'test condition', ...condition }],
})
const uptime = (body: Json): Json => ({
  displayName: 'http-uptime-check',
  timeout: '60s',
  monitoredResource: { type: 'uptime_url', labels: { project_id: 'demo-project', host: '192.168.1.1' } },
  ...body,
})
const slo = (serviceLevelIndicator: Json, more: Json = { rollingPeriod: '2592000s' }): Json => ({
  displayName: 'Terraform test SLO',
  goal: 0.9,
  serviceLevelIndicator,
  ...more,
})
const distributionFilter = 'metric.type="serviceruntime.googleapis.com/api/request_latencies" resource.type="api" '
const SLOS = `${P}/services/custom-srv/serviceLevelObjectives`

const RESOURCES: Readonly<Record<string, Resource>> = {
  'google_monitoring_alert_policy basic': {
    collection: `${P}/alertPolicies`,
    body: {
      ...conditions({
        conditionThreshold: {
          filter: FILTER,
          duration: '60s',
          comparison: 'COMPARISON_GT',
          aggregations: [{ alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_RATE' }],
        },
      }),
      userLabels: { foo: 'bar' },
    },
    change: { displayName: 'Changed' },
    mask: 'displayName',
  },
  'google_monitoring_alert_policy with missing data': {
    collection: `${P}/alertPolicies`,
    body: conditions({
      conditionThreshold: {
        filter: FILTER,
        duration: '60s',
        comparison: 'COMPARISON_GT',
        evaluationMissingData: 'EVALUATION_MISSING_DATA_INACTIVE',
        trigger: { count: 1 },
      },
    }),
    change: { severity: 'WARNING', documentation: { content: 'test content', mimeType: 'text/markdown' } },
    mask: 'severity,documentation',
  },
  'google_monitoring_alert_policy with PromQL': {
    collection: `${P}/alertPolicies`,
    body: {
      ...conditions({
        conditionPrometheusQueryLanguage: {
          query: 'compute_googleapis_com:instance_cpu_usage_time > 0',
          duration: '60s',
          evaluationInterval: '60s',
          alertRule: 'AlwaysOn',
          ruleGroup: 'a test',
        },
      }),
      alertStrategy: { autoClose: '1800s' },
    },
    change: { alertStrategy: { autoClose: '3600s' } },
    mask: 'alertStrategy',
  },
  google_monitoring_notification_channel: {
    collection: `${P}/notificationChannels`,
    body: {
      displayName: 'Test Slack',
      type: 'slack',
      labels: { channel_name: '#foobar', auth_token: 'one' },
      enabled: true,
    },
    change: { labels: { channel_name: '#foobar', auth_token: 'two' }, type: 'slack' },
    mask: 'labels,type',
  },
  'google_monitoring_uptime_check_config over HTTP': {
    collection: `${P}/uptimeCheckConfigs`,
    body: uptime({
      httpCheck: {
        path: '/some-path',
        port: 8010,
        requestMethod: 'POST',
        contentType: 'USER_PROVIDED',
        customContentType: 'application/json',
        body: 'Zm9vJTI1M0RiYXI=',
        pingConfig: { pingsCount: 1 },
        acceptedResponseStatusCodes: [{ statusClass: 'STATUS_CLASS_2XX' }, { statusValue: 301 }],
      },
      contentMatchers: [
        {
          content: '"example"',
          matcher: 'MATCHES_JSON_PATH',
          jsonPathMatcher: { jsonPath: '$.path', jsonMatcher: 'EXACT_MATCH' },
        },
      ],
      checkerType: 'STATIC_IP_CHECKERS',
      userLabels: { 'example-key': 'example-value' },
    }),
    change: { displayName: 'changed' },
    mask: 'displayName',
  },
  'google_monitoring_uptime_check_config over TCP, of a group': {
    collection: `${P}/uptimeCheckConfigs`,
    body: {
      displayName: 'tcp-uptime-check',
      timeout: '60s',
      tcpCheck: { port: 888, pingConfig: { pingsCount: 2 } },
      resourceGroup: { resourceType: 'INSTANCE', groupId: '123' },
    },
    change: { tcpCheck: { port: 889 } },
    mask: 'tcpCheck',
  },
  google_monitoring_group: {
    collection: `${P}/groups`,
    body: { displayName: 'tf-test MonitoringGroup', filter: 'resource.metadata.region="europe-west2"' },
    change: { displayName: 'changed', filter: 'resource.metadata.region="europe-west2"' },
    update: 'PUT',
  },
  google_monitoring_custom_service: {
    collection: `${P}/services`,
    query: 'serviceId=custom-srv',
    body: {
      displayName: 'My Custom Service',
      custom: {},
      telemetry: { resourceName: '//product.googleapis.com/foo/foo/services/test' },
      userLabels: { my_key: 'my_value' },
    },
    change: { displayName: 'changed' },
    mask: 'displayName',
  },
  google_monitoring_service: {
    collection: `${P}/services`,
    query: 'serviceId=my-service',
    body: {
      displayName: 'My Service',
      basicService: { serviceType: 'APP_ENGINE', serviceLabels: { module_id: 'another-module-id' } },
    },
    change: { userLabels: { my_key: 'my_value' } },
    mask: 'userLabels',
  },
  'google_monitoring_slo of a basic indicator': {
    collection: SLOS,
    query: 'serviceLevelObjectiveId=ae-slo',
    body: slo({ basicSli: { latency: { threshold: '1s' } } }, { calendarPeriod: 'DAY', name: 'ae-slo' }),
    change: { goal: 0.8 },
    mask: 'goal',
  },
  'google_monitoring_slo of requests': {
    collection: SLOS,
    query: 'serviceLevelObjectiveId=consumed-api-slo',
    body: slo({ requestBased: { distributionCut: { distributionFilter, range: { max: 0.5 } } } }),
    change: { displayName: 'changed', goal: 0.95 },
    mask: 'displayName,goal',
  },
  'google_monitoring_slo of windows': {
    collection: SLOS,
    query: 'serviceLevelObjectiveId=test-slo',
    body: slo(
      {
        windowsBased: {
          windowPeriod: '600s',
          metricSumInRange: { timeSeries: FILTER, range: { max: 5000 } },
        },
      },
      { rollingPeriod: '1728000s', userLabels: { my_key: 'my_value' } },
    ),
    change: { rollingPeriod: '864000s' },
    mask: 'rollingPeriod',
  },
}

describe("the requests of Terraform's provider get the responses that it expects", () => {
  for (const [name, { collection, query, body, change, mask, update = 'PATCH' }] of Object.entries(RESOURCES))
    test(name, async (context) => {
      const { url } = await startTestEmulator(context)
      if (collection === SLOS) await requestJson(`${url}${P}/services?serviceId=custom-srv`, { body: { custom: {} } })
      const parameters = `alt=json${query === undefined ? '' : `&${query}`}`
      const created = await requestJson(`${url}${collection}?${parameters}`, { body })
      assert.equal(created.status, 200, JSON.stringify(created.json))
      const self = `${url}/v3/${created.json.name}`
      assert.deepEqual((await requestJson(`${self}?alt=json`)).json, created.json)
      for (const key of Object.keys(body)) assert.ok(key in created.json, `${key} is returned`)
      const masked = mask === undefined ? '' : `&updateMask=${encodeURIComponent(mask)}`
      const updated = await requestJson(`${self}?alt=json${masked}`, { method: update, body: change })
      assert.equal(updated.status, 200, JSON.stringify(updated.json))
      const read = await requestJson(`${self}?alt=json`)
      assert.deepEqual(read.json, updated.json)
      for (const [key, value] of Object.entries(change))
        if (typeof value !== 'object') assert.deepEqual(read.json[key], value, key)
      for (const key of Object.keys(body)) assert.ok(key in read.json, `${key} stays`)
      assert.equal((await requestJson(`${self}?alt=json`, { method: 'DELETE' })).status, 200)
      const gone = await requestJson(`${self}?alt=json`)
      assert.deepEqual([gone.status, gone.json.error.status], [404, 'NOT_FOUND'])
    })

  test('google_monitoring_snooze, which cannot be deleted', async (context) => {
    const { url } = await startTestEmulator(context)
    const policy = await requestJson(`${url}${P}/alertPolicies`, { body: policyJson() })
    const body = {
      displayName: 'snooze',
      criteria: { policies: [policy.json.name], filter: 'resource.labels.zone="us-central1-a"' },
      interval: { startTime: '2030-01-01T00:00:00Z', endTime: '2030-01-02T00:00:00Z' },
    }
    const created = await requestJson(`${url}${P}/snoozes`, { body })
    assert.equal(created.status, 200, JSON.stringify(created.json))
    const self = `${url}/v3/${created.json.name}`
    const change = { interval: { ...body.interval, endTime: '2030-01-03T00:00:00Z' } }
    const updated = await requestJson(`${self}?updateMask=interval.endTime`, { method: 'PATCH', body: change })
    assert.equal(updated.json.interval.endTime, '2030-01-03T00:00:00Z')
    assert.deepEqual((await requestJson(self)).json, updated.json)
  })
})
