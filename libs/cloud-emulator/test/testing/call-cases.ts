import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestJson, startTestEmulator, type TestEmulator } from './running-emulator.ts'

/** The names of what a test made before, by what stands for them in paths and bodies. */
type Names = Readonly<Record<string, string>>

/** A call by REST, and what must be in its answer: a status and message of an error, or parts of the JSON. */
export interface CallCase {
  readonly what: string
  /** Such as `PATCH {policy}?updateMask=displayName`; names stand in braces. */
  readonly call: string
  readonly body?: object
  /** An error's status, and its message. */
  readonly refused?: readonly [status: string, message: RegExp]
  /** Fields of the answer by their path; undefined for one that must be absent. */
  readonly answer?: Readonly<Record<string, unknown>>
}

/** Cases of calls that are refused: what is refused, the call, its body, and the message. */
export function refusedCalls(
  cases: readonly (readonly [what: string, call: string, body: object, message: RegExp])[],
): CallCase[] {
  return cases.map(([what, call, body, message]) => ({
    what: `refuses ${what}`,
    call,
    body,
    refused: ['INVALID_ARGUMENT', message],
  }))
}

/** Cases of bodies that one call refuses: what is refused, the body, and the message. */
export function refusedBodies(
  call: string,
  cases: readonly (readonly [what: string, body: object, message: RegExp])[],
): CallCase[] {
  return refusedCalls(cases.map(([what, body, message]) => [what, call, body, message]))
}

/** Cases of bodies that ask one call for what the emulator does not do: what it is, the body, and the message. */
export function unimplementedBodies(
  call: string,
  cases: readonly (readonly [what: string, body: object, message: RegExp])[],
): CallCase[] {
  return cases.map(([what, body, message]) => ({
    what: `says that ${what} are not done`,
    call,
    body,
    refused: ['UNIMPLEMENTED', message],
  }))
}

/** Makes a test of each case, each on what `prepare` has newly created. */
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

/** Creates a resource, and gives its name. */
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
