import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, credentials, type ServiceError } from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { startTestEmulator } from '../../test/testing/running-emulator.ts'

/** Field 99 with a string, which no message has. */
const UNKNOWN = new protobuf.Writer()
  .uint32((99 << 3) | 2)
  .string('lost')
  .finish()

/** Fields by number, each a string, bytes of a message, or several of either. */
type Fields = Readonly<Record<number, string | Uint8Array | readonly Uint8Array[]>>

function message(fields: Fields, ...more: Uint8Array[]): Uint8Array {
  const writer = new protobuf.Writer()
  for (const [number, values] of Object.entries(fields)) {
    for (const value of typeof values === 'string' || values instanceof Uint8Array ? [values] : values) {
      writer.uint32((Number(number) << 3) | 2)
      if (typeof value === 'string') writer.string(value)
      else writer.bytes(value)
    }
  }
  return Buffer.concat([writer.finish(), ...more])
}

const PARENT = 'projects/demo-project'
const condition = (...more: Uint8Array[]) => message({ 6: 'above one' }, ...more)
const V3 = 'google.monitoring.v3'
const CASES: readonly (readonly [method: string, request: Uint8Array, expected: RegExp])[] = [
  [
    `${V3}.AlertPolicyService/ListAlertPolicies`,
    message({ 3: PARENT }, UNKNOWN),
    /^Unknown field 99 of google\.monitoring\.v3\.ListAlertPoliciesRequest: this emulator's definitions are older/,
  ],
  [
    `${V3}.AlertPolicyService/CreateAlertPolicy`,
    message({ 3: PARENT, 2: message({}, UNKNOWN) }),
    /^Unknown field 99 of google\.monitoring\.v3\.AlertPolicy at 'alert_policy':/,
  ],
  [
    `${V3}.AlertPolicyService/CreateAlertPolicy`,
    message({ 3: PARENT, 2: message({ 12: [condition(), condition(UNKNOWN)] }) }),
    /^Unknown field 99 of google\.monitoring\.v3\.AlertPolicy\.Condition at 'alert_policy\.conditions':/,
  ],
  [
    `${V3}.UptimeCheckService/CreateUptimeCheckConfig`,
    message({ 1: PARENT, 2: message({ 5: message({}, UNKNOWN) }) }),
    /^Unknown field 99 of google\.monitoring\.v3\.UptimeCheckConfig\.HttpCheck at 'uptime_check_config\.http_check':/,
  ],
  [
    'google.monitoring.dashboard.v1.DashboardsService/CreateDashboard',
    message({ 1: PARENT, 2: message({ 2: 'D' }, UNKNOWN) }),
    /^Unknown field 99 of google\.monitoring\.dashboard\.v1\.Dashboard at 'dashboard':/,
  ],
]

test('fields that are missing in the definitions are rejected over gRPC, wherever they are', async (context) => {
  const { grpcPort } = await startTestEmulator(context)
  const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure())
  context.after(() => client.close())
  for (const [method, request, expected] of CASES) {
    const error = await new Promise<ServiceError | null>((resolve) => {
      const bytes = (value: Buffer): Buffer => value
      client.makeUnaryRequest(`/${method}`, bytes, bytes, Buffer.from(request), (failure) => resolve(failure))
    })
    assert.equal(error?.code, 3, `${method}: ${error?.details}`)
    assert.match(error.details, expected)
  }
})
