import type { EventEmitter } from 'node:events'
import type { ScenarioSpec, ScriptDocument } from './script-document.ts'

/** The state of a virtual user throughout its flow. */
export interface FlowContext {
  vars: Record<string, unknown>
  funcs: Record<string, unknown>
  scenario?: ScenarioSpec
  [extension: string]: unknown
}

/** A scenario compiled by an engine: runs one virtual user through it. */
export type CompiledScenario = (
  context: FlowContext,
  callback: (error: unknown, context?: FlowContext) => void,
) => unknown

/** Artillery's contract for the packages `artillery-engine-<name>`. */
export interface FlowEngine {
  createScenario(spec: ScenarioSpec, events: EventEmitter): CompiledScenario
  init?(): Promise<void> | void
  cleanup?(done: (error?: unknown) => void): void
  /** Keeps virtual users from sending further requests. */
  stop?(): void
}

export type EngineConstructor = new (script: ScriptDocument, events: EventEmitter, engineUtil: unknown) => FlowEngine
