import type { StateJournal } from '../model/conversion-state.ts'

/** Stores nothing, for a sidecar without a state file. */
export class NoJournal implements StateJournal {
  define(): void {}
  baseline(): void {}
  created(): void {}
  settle(): void {}
  nativeBaseline(): void {}
  nativeLast(): void {}
  wait(): void {}
  forget(): void {}
  document(): void {}
  async commit(): Promise<void> {}
  async close(): Promise<void> {}
}
