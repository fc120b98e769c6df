import { readFile } from 'node:fs/promises'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { messageOf } from '@node-to-cloud/command-line'
import type { IncidentView, PolicyTestAnswer } from '../contract/alerting.ts'
import type { ErrorBody } from '../contract/status.ts'

/** Thrown if a policy can't be tested. The process exits with `exitCode`. */
class PolicyTestError extends Error {
  override readonly name = 'PolicyTestError'
  readonly code = 'ERR_POLICY_TEST'
  readonly exitCode: number

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

export interface PolicyTestOptions {
  /** The address of the emulator that has the data, such as `http://127.0.0.1:8085`. */
  readonly url: string
  readonly project: string
  readonly startMs: number
  readonly endMs: number | undefined
}

/** Asks a running emulator when the policy in a file would have fired. Throws `PolicyTestError`. */
export async function testPolicyFile(file: string, options: PolicyTestOptions): Promise<PolicyTestAnswer> {
  const policy = await readPolicy(file)
  const { project, startMs, endMs } = options
  const body = { project, policy, startTime: startMs, ...(endMs === undefined ? {} : { endTime: endMs }) }
  let response: Response
  try {
    response = await fetch(new URL('/api/alerting/test-policy', options.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  } catch (cause) {
    throw new PolicyTestError(
      `no emulator responds at ${options.url}: start one with "npx cloud-emulator", or set its address with --url`,
      1,
      { cause },
    )
  }
  // The emulator's responses have the types of the contract.
  if (response.ok) return (await response.json()) as PolicyTestAnswer
  const { error } = (await response.json()) as Partial<ErrorBody>
  throw new PolicyTestError(`FILE "${file}" is rejected: ${error?.message ?? response.statusText}`, 1)
}

async function readPolicy(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new PolicyTestError(
      `FILE "${file}" can't be used; it must be an alert policy as JSON (${messageOf(cause)})`,
      2,
      { cause },
    )
  }
}

/** The incidents as human-readable text: one line each, then a line of totals. */
export function policyTestText({ incidents, startMs, endMs, evaluations, selected }: PolicyTestAnswer): string {
  const matched = selected.every((count) => count === 0) ? ' No stored series matches its filter.' : ''
  const total =
    incidents.length === 0
      ? 'It would not have fired'
      : `It would have opened ${incidents.length} ${plural(incidents.length, 'incident')}`
  const lines = [
    ...incidents.map(incidentLine),
    `${total} from ${isoSeconds(startMs)} to ${isoSeconds(endMs)}, in ${evaluations} ${plural(evaluations, 'evaluation')}.${matched}`,
  ]
  return `${lines.join('\n')}\n`
}

function incidentLine({ openedMs, closedMs, conditionName, summary }: IncidentView): string {
  const until = closedMs === undefined ? 'still open' : `to ${isoSeconds(closedMs)}`
  return `${isoSeconds(openedMs)} ${until}: ${conditionName}: ${summary}`
}

function isoSeconds(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`
}
