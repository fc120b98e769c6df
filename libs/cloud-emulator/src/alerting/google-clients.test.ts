import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  AlertPolicyServiceClient,
  GroupServiceClient,
  NotificationChannelServiceClient,
  type protos,
  ServiceMonitoringServiceClient,
  SnoozeServiceClient,
  UptimeCheckServiceClient,
} from '@google-cloud/monitoring'
import { credentials } from '@grpc/grpc-js'
import { startTestEmulator } from '../../test/testing/running-emulator.ts'
import { START_SECONDS } from '../../test/testing/time-series.ts'

type Policy = protos.google.monitoring.v3.IAlertPolicy

const PROJECT = 'projects/demo-project'
const FILTER = 'metric.type = "custom.googleapis.com/level" resource.type = "global"'
const policy: Policy = {
  displayName: 'too high',
  combiner: 'OR',
  conditions: [
    {
      displayName: 'above one',
      conditionThreshold: { filter: FILTER, comparison: 'COMPARISON_GT', thresholdValue: 1, duration: { seconds: 60 } },
    },
  ],
}

type Options = NonNullable<ConstructorParameters<typeof AlertPolicyServiceClient>[0]>

/** An emulator, and one of Google's clients for it. */
async function clientOf<C extends { close(): Promise<void> }>(
  context: TestContext,
  make: (options: Options) => C,
): Promise<C> {
  const emulator = await startTestEmulator(context)
  const client = make({
    apiEndpoint: '127.0.0.1',
    port: emulator.grpcPort,
    sslCreds: credentials.createInsecure(),
    projectId: 'demo-project',
  })
  context.after(() => client.close())
  return client
}

/** A value that must exist. */
function present<T>(value: T | null | undefined): T {
  assert.ok(value !== null && value !== undefined)
  return value
}

test("Google's client for alert policies", async (context) => {
  const client = await clientOf(context, (options) => new AlertPolicyServiceClient(options))
  const [created] = await client.createAlertPolicy({ name: PROJECT, alertPolicy: policy })
  const name = present(created.name)
  assert.equal(created.conditions?.[0]?.conditionThreshold?.thresholdValue, 1)
  const [masked] = await client.updateAlertPolicy({
    updateMask: { paths: ['display_name', 'enabled'] },
    alertPolicy: { name, displayName: 'new', enabled: { value: false } },
  })
  assert.deepEqual([masked.displayName, masked.enabled?.value, masked.conditions?.length], ['new', false, 1])
  const [read] = await client.getAlertPolicy({ name })
  assert.deepEqual(read, masked)
  const [all] = await client.listAlertPolicies({ name: PROJECT, filter: 'display_name = "new"', orderBy: '-name' })
  assert.deepEqual(
    all.map((one) => one.name),
    [name],
  )
  await client.deleteAlertPolicy({ name })
  await assert.rejects(client.getAlertPolicy({ name }), { code: 5 })
  await assert.rejects(client.createAlertPolicy({ name: PROJECT, alertPolicy: { ...policy, conditions: [] } }), {
    code: 3,
    details: /alert_policy\.conditions/,
  })
})

test("Google's client for notification channels", async (context) => {
  const client = await clientOf(context, (options) => new NotificationChannelServiceClient(options))
  const [descriptors] = await client.listNotificationChannelDescriptors({ name: PROJECT })
  const [email] = await client.getNotificationChannelDescriptor({
    name: `${PROJECT}/notificationChannelDescriptors/email`,
  })
  assert.ok(descriptors.some(({ type }) => type === email.type))
  const [created] = await client.createNotificationChannel({
    name: PROJECT,
    notificationChannel: { type: 'sms', labels: { number: '+1 555 0100' } },
  })
  const name = present(created.name)
  assert.equal(created.verificationStatus, 'UNVERIFIED')
  await client.sendNotificationChannelVerificationCode({ name })
  await assert.rejects(client.verifyNotificationChannel({ name, code: 'wrong' }), { code: 3 })
  await assert.rejects(client.getNotificationChannelVerificationCode({ name }), { code: 9 })
  const [updated] = await client.updateNotificationChannel({
    updateMask: { paths: ['user_labels.team'] },
    notificationChannel: { name, userLabels: { team: 'a' } },
  })
  assert.deepEqual(updated.userLabels, { team: 'a' })
  const [read] = await client.getNotificationChannel({ name })
  assert.deepEqual(read.labels, { number: '+1 555 0100' })
  const [all] = await client.listNotificationChannels({ name: PROJECT })
  assert.equal(all.length, 1)
  await client.deleteNotificationChannel({ name, force: true })
})

test("Google's client for snoozes", async (context) => {
  const emulator = await startTestEmulator(context)
  const options = {
    apiEndpoint: '127.0.0.1',
    port: emulator.grpcPort,
    sslCreds: credentials.createInsecure(),
    projectId: 'demo-project',
  }
  const policies = new AlertPolicyServiceClient(options)
  const client = new SnoozeServiceClient(options)
  context.after(() => Promise.all([policies.close(), client.close()]))
  const [made] = await policies.createAlertPolicy({ name: PROJECT, alertPolicy: policy })
  const interval = { startTime: { seconds: START_SECONDS }, endTime: { seconds: START_SECONDS + 60 } }
  const [created] = await client.createSnooze({
    parent: PROJECT,
    snooze: { displayName: 's', criteria: { policies: [present(made.name)] }, interval },
  })
  const name = present(created.name)
  const [updated] = await client.updateSnooze({
    updateMask: { paths: ['interval.end_time'] },
    snooze: { name, interval: { endTime: { seconds: START_SECONDS + 120 } } },
  })
  assert.equal(Number(updated.interval?.endTime?.seconds), START_SECONDS + 120)
  assert.equal((await client.getSnooze({ name }))[0].displayName, 's')
  assert.equal((await client.listSnoozes({ parent: PROJECT }))[0].length, 1)
})

test("Google's client for groups", async (context) => {
  const client = await clientOf(context, (options) => new GroupServiceClient(options))
  const group = { displayName: 'all', filter: 'resource.type = "global"' }
  const [created] = await client.createGroup({ name: PROJECT, group })
  const name = present(created.name)
  const [updated] = await client.updateGroup({ group: { ...group, name, displayName: 'new' } })
  assert.equal(updated.displayName, 'new')
  assert.equal((await client.getGroup({ name }))[0].filter, group.filter)
  assert.equal((await client.listGroups({ name: PROJECT }))[0].length, 1)
  assert.deepEqual((await client.listGroupMembers({ name }))[0], [])
  await client.deleteGroup({ name })
})

test("Google's client for uptime checks", async (context) => {
  const client = await clientOf(context, (options) => new UptimeCheckServiceClient(options))
  const [created] = await client.createUptimeCheckConfig({
    parent: PROJECT,
    uptimeCheckConfig: {
      displayName: 'site',
      monitoredResource: { type: 'uptime_url', labels: { host: 'example.invalid' } },
      httpCheck: { path: '/' },
      timeout: { seconds: 10 },
    },
  })
  const name = present(created.name)
  const [updated] = await client.updateUptimeCheckConfig({
    updateMask: { paths: ['timeout'] },
    uptimeCheckConfig: { name, timeout: { seconds: 5 } },
  })
  assert.equal(Number(updated.timeout?.seconds), 5)
  assert.equal((await client.getUptimeCheckConfig({ name }))[0].httpCheck?.port, 80)
  assert.equal((await client.listUptimeCheckConfigs({ parent: PROJECT }))[0].length, 1)
  assert.ok((await client.listUptimeCheckIps({}))[0].length > 0)
  await client.deleteUptimeCheckConfig({ name })
})

test("Google's client for services and objectives", async (context) => {
  const client = await clientOf(context, (options) => new ServiceMonitoringServiceClient(options))
  const [service] = await client.createService({ parent: PROJECT, serviceId: 'shop', service: { custom: {} } })
  const name = present(service.name)
  assert.equal((await client.getService({ name }))[0].name, name)
  await client.updateService({ service: { name, displayName: 'Shop', custom: {} } })
  assert.equal((await client.listServices({ parent: PROJECT }))[0][0]?.displayName, 'Shop')
  const [slo] = await client.createServiceLevelObjective({
    parent: name,
    serviceLevelObjective: {
      goal: 0.9,
      rollingPeriod: { seconds: 86_400 },
      serviceLevelIndicator: {
        windowsBased: { windowPeriod: { seconds: 60 }, goodBadMetricFilter: FILTER },
      },
    },
  })
  const sloName = present(slo.name)
  const [updated] = await client.updateServiceLevelObjective({
    updateMask: { paths: ['goal'] },
    serviceLevelObjective: { name: sloName, goal: 0.5 },
  })
  assert.equal(updated.goal, 0.5)
  assert.equal((await client.getServiceLevelObjective({ name: sloName }))[0].goal, 0.5)
  assert.equal((await client.listServiceLevelObjectives({ parent: name }))[0].length, 1)
  await client.deleteServiceLevelObjective({ name: sloName })
  await client.deleteService({ name })
})
