import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestJson, startTestEmulator, type TestEmulator } from './running-emulator.ts'

/** The names of resources that a test has created, by their placeholders in paths and bodies. */
type Names = Readonly<Record<string, string>>

/** A REST call, and what its response must contain: the status and message of an error, or parts of the JSON. */
export interface CallCase {
  readonly what: string
  /** Such as `PATCH {policy}?updateMask=displayName`; placeholders are in braces. */
  readonly call: string
  readonly body?: object
  /** An error's status, and its message. */
  readonly refused?: readonly [status: string, message: RegExp]
  /** Fields of the response by path; undefined for one that must be missing. */
  readonly answer?: Readonly<Record<string, unknown>>
}

/** Cases of calls that are rejected: what is rejected, the call, its body, and the message. */
export function refusedCalls(
  cases: readonly (readonly [what: string, call: string, body: object, message: RegExp])[],
): CallCase[] {
  return cases.map(([what, call, body, message]) => ({
    what: `rejects ${what}`,
    call,
    body,
    refused: ['INVALID_ARGUMENT', message],
  }))
}

/** Cases of bodies that one call rejects: what is rejected, the body, and the message. */
export function refusedBodies(
  call: string,
  cases: readonly (readonly [what: string, body: object, message: RegExp])[],
): CallCase[] {
  return refusedCalls(cases.map(([what, body, message]) => [what, call, body, message]))
}

/** Cases of bodies with features that are not implemented: the feature, the body, and the message. */
export function unimplementedBodies(
  call: string,
  cases: readonly (readonly [what: string, body: object, message: RegExp])[],
): CallCase[] {
  return cases.map(([what, body, message]) => ({
    what: `says that ${what} are not implemented`,
    call,
    body,
    refused: ['UNIMPLEMENTED', message],
  }))
}

/** Creates a test for each case, each with new resources from `prepare`. */
export function testCalls(
  title: string,
  cases: readonly CallCase[],
  prepare: (emulator: TestEmulator) => Promise<Names> = () => Promise.resolve({}),
): void {
  test(title, async (context) => {
    const emulator = await startTestEmulator(context)
    for (const one of cases)
      await context.test(one.what, async () => {
        emulator.state.alerting.clear()
        await check(one, emulator.url, await prepare(emulator))
      })
  })
}

async function check({ call, body, refused, answer }: CallCase, url: string, names: Names): Promise<void> {
  const named = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, key: string) => names[key] ?? whole)
  const [method = '', path = ''] = named(call).split(' ')
  const sent = body === undefined ? {} : { body: JSON.parse(named(JSON.stringify(body))) }
  const { status, json } = await requestJson(`${url}/v3/${path}`, { method, ...sent })
  if (refused) {
    assert.equal(json.error?.status, refused[0], JSON.stringify(json))
    assert.match(json.error.message, refused[1])
    return
  }
  assert.equal(status, 200, JSON.stringify(json))
  for (const [field, value] of Object.entries(answer ?? {})) {
    const expected = typeof value === 'string' ? named(value) : value
    assert.deepEqual(valueAt(json, field), expected, field)
  }
}

/** Creates a resource and returns its name. */
export async function created(emulator: TestEmulator, collection: string, body: object): Promise<string> {
  const { status, json } = await requestJson(`${emulator.url}/v3/projects/demo-project/${collection}`, { body })
  assert.equal(status, 200, JSON.stringify(json))
  return json.name
}

function valueAt(json: unknown, path: string): unknown {
  let value = json
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}
