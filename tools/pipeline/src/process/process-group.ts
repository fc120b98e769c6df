import { readdirSync, readFileSync } from 'node:fs'

/** Sends a signal to every process of a group; a group that is gone is not an error. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** Whether a process of the group still runs. Zombies, which some containers never reap, do not count. */
export function groupIsAlive(groupId: number): boolean {
  try {
    process.kill(-groupId, 0)
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
  return process.platform !== 'linux' || readdirSync('/proc').some((pid) => isMember(pid, groupId))
}

/** The parent of a process and its program's name, from `/proc`; undefined where there is no such process or no `/proc`. */
export function parentOf(pid: number): { readonly parent: number; readonly name: string } | undefined {
  const fields = statOf(String(pid))
  return fields && { parent: Number(fields.parent), name: fields.name }
}

function isMember(pid: string, groupId: number): boolean {
  const fields = /^\d+$/.test(pid) ? statOf(pid) : undefined
  return fields !== undefined && Number(fields.group) === groupId && fields.state !== 'Z' && fields.state !== 'X'
}

/** The start of `/proc/<pid>/stat`: pid, name in parentheses, state, parent, process group. */
function statOf(pid: string) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const end = stat.lastIndexOf(')')
    const [state = '', parent = '', group = ''] = stat.slice(end + 2).split(' ', 3)
    return { name: stat.slice(stat.indexOf('(') + 1, end), state, parent, group }
  } catch {
    return undefined
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ESRCH'
}
