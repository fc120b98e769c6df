import { createRequire } from 'node:module'
import { type Emulator, fromJson, startEmulator } from '@node-to-cloud/cloud-emulator'
import protobuf from 'protobufjs'

const require = createRequire(import.meta.url)

/** Asks an emulator of its own whether the Dashboards API would accept a document. */
export class EmulatorCheck {
  readonly #emulator: Emulator

  private constructor(emulator: Emulator) {
    this.#emulator = emulator
  }

  static async start(): Promise<EmulatorCheck> {
    return new EmulatorCheck(await startEmulator())
  }

  /** The message that the API refuses a dashboard with, or undefined when it accepts it. Nothing is stored. */
  async dashboardRefusal(dashboard: object): Promise<string | undefined> {
    const { httpPort } = this.#emulator
    const url = `http://127.0.0.1:${httpPort}/v1/projects/demo-project/dashboards?validateOnly=true`
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(dashboard) })
    const body = await response.text()
    return response.ok ? undefined : body
  }

  close(): Promise<void> {
    return this.#emulator.close()
  }
}

/**
 * Reads an alert policy as the REST API would, against the definitions in Google's own client package.
 *
 * @throws Error in the API's words for an unknown field, a wrong type or value, or two members of one oneof
 */
export function readAlertPolicy(document: object): object {
  const root = protobuf.Root.fromJSON(require('@google-cloud/monitoring/build/protos/protos.json'))
  const type = root.lookupType('google.monitoring.v3.AlertPolicy')
  root.resolveAll()
  return fromJson(type, document, 'alert_policy')
}
