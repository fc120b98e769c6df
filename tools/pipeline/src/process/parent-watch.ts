import { parentOf } from './process-group.ts'

const POLL_MS = 250

/**
 * Calls `onGone` once npm, which started this process, is gone: it can be killed without a chance to pass that on. Where
 * something else started it (a supervisor, `nohup … &`), nothing is watched.
 */
export function watchParent(onGone: () => void, env: NodeJS.ProcessEnv = process.env): void {
  const parent = process.ppid
  if (env.npm_lifecycle_event === undefined && env.NODE_TO_CLOUD_LAUNCHER !== String(parent)) return
  // npm runs scripts in a shell, which may stay between.
  const shell = parentOf(parent)
  const npm = shell && /^(?:ba|da|z)?sh$/.test(shell.name) ? shell.parent : undefined
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || parentOf(parent)?.parent === npm)) return
    clearInterval(timer)
    onGone()
  }, POLL_MS)
  timer.unref()
}
