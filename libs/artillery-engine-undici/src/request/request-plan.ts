import type { EngineConfig } from '../artillery/config.ts'
import type { ArtilleryEvents, EngineHelpers } from '../artillery/contract.ts'
import type { FindFunction } from '../artillery/processor.ts'
import type { Exchange } from '../response/exchange.ts'
import type { RequestParams, ResolutionSettings } from './request-params.ts'

/** State that request steps share. */
export interface RequestServices {
  config: EngineConfig
  helpers: EngineHelpers
  find: FindFunction
  events: ArtilleryEvents
  resolution: ResolutionSettings
  /** Exchanges of the whole engine that wait for a connection. */
  waiting: Set<Exchange>
}

/** One request step, compiled. */
export interface RequestPlan {
  method: string
  spec: RequestParams
  beforeRequest: readonly string[]
  afterResponse: readonly string[]
  onError: readonly string[]
  services: RequestServices
}

/** Ends a request step. */
export type RequestDone = (error?: unknown) => void
