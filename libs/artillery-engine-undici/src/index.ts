import { UndiciEngine } from './engine.ts'

export type {
  ArtilleryEvents,
  Done,
  EngineHelpers,
  EngineScript,
  Scenario,
  ScenarioSpec,
  VirtualUserContext,
} from './artillery/contract.ts'
export { EngineError } from './artillery/errors.ts'
export type {
  OutgoingRequest,
  RequestOutcome,
  RequestSpan,
  RequestTracer,
  TracedOutcome,
  UndiciEngineOptions,
} from './artillery/options.ts'
export { type TlsSettings, tlsOptions } from './artillery/tls.ts'
export { TraceparentGenerator } from './artillery/traceparent.ts'
export type { HookResponse } from './response/hook-response.ts'
export { UndiciEngine }

// biome-ignore lint/style/noDefaultExport: Artillery loads an engine from its module's default export
export default UndiciEngine
