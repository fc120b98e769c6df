import { executionAsyncResource } from 'node:async_hooks'

let kept: object | undefined

/**
 * Keeps one of the objects alive that Node makes for each `process.nextTick`. Their hidden class dies with the last of them; when a full collection
 * hits such a moment while the process starts, V8 takes the slow path of `nextTick` from then on, which costs an HTTP server 10 % of its processor
 * time. Whether it happens is chance: without this it happened in three starts of four.
 */
export function keepTickObjects(): void {
  if (kept !== undefined) return
  process.nextTick(() => {
    kept ??= executionAsyncResource()
  })
}
