import type { EmulatorState } from '../../emulator-state.ts'
import type { ApiParameters } from './api-parameters.ts'

/** One request of Prometheus' API. */
export interface ApiRequest {
  readonly state: EmulatorState
  readonly projectId: string
  readonly parameters: ApiParameters
  /** The name in `label/…/values`. */
  readonly label: string
  /** Whether what Cloud Monitoring refuses is refused here. */
  readonly strict: boolean
}

/** What an endpoint answers. */
export interface ApiAnswer {
  /** Undefined for an answer without content. */
  readonly data: unknown
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

export type Endpoint = (request: ApiRequest) => ApiAnswer
