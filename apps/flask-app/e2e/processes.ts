import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Whether a process has been stopped by SIGSTOP, every thread of it. */
export function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => statOf(`${pid}/task/${thread}`)?.[0] === 'T')
}

/** The ports of those who have a connection over IPv4 to a process: what the kernel says it has open at this moment. */
export function portsOfPeers(pid: number): Set<number> {
  const inodes = new Set<string>()
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(targetOf(`/proc/${pid}/fd/${descriptor}`))?.[1]
    if (inode !== undefined) inodes.add(inode)
  }
  const ports = new Set<number>()
  for (const line of readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n').slice(1)) {
    const [, , remote = '', , , , , , , inode = ''] = line.trim().split(/\s+/)
    if (inodes.has(inode)) ports.add(Number.parseInt(remote.split(':')[1] ?? '', 16))
  }
  return ports
}

/** Where a link leads; nowhere if it has been removed since it was listed. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}

/** The fields of a process's `stat` from its state on; undefined where it has ended. */
function statOf(path: string): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${path}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
