/**
 * A preload for the parts: the process ends when the pipeline does, however that happens, even by SIGKILL. The pipeline holds the
 * other end of stdin, which the system closes then. A part that does not end within the grace is killed with its children.
 */
import { isMainThread } from 'node:worker_threads'

const GRACE_MS = 3_000

if (isMainThread) {
  process.stdin.on('error', end).once('end', end).resume()
  // Whether the part still has something to do is its own matter.
  if ('unref' in process.stdin) process.stdin.unref()
}

function end(): void {
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.kill(0, 'SIGKILL'), GRACE_MS).unref()
}
