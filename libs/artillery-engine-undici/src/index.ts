import { UndiciEngine } from './engine.ts'

export type {
  ArtilleryEvents,
  Done,
  EngineHelpers,
  EngineScript,
  Scenario,
  ScenarioSpec,
  VirtualUserContext,
} from './artillery.ts'
export type { RequestOutcome, UndiciEngineOptions } from './config.ts'
export { EngineError } from './errors.ts'
export type { HookResponse } from './request-run.ts'
export { type TlsSettings, tlsOptions } from './tls.ts'
export {
  type RequestSpan,
  type RequestTracer,
  type TracedOutcome,
  type TracedRequest,
  TraceparentGenerator,
} from './tracing.ts'
export { UndiciEngine }

// biome-ignore lint/style/noDefaultExport: Artillery takes an engine from its module's default export
export default UndiciEngine
