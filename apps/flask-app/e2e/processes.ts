import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Whether all threads of a process have been stopped by SIGSTOP. */
export function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => statOf(`${pid}/task/${thread}`)?.[0] === 'T')
}

/** The peer ports of all IPv4 connections that a process currently has open, according to the kernel. */
export function portsOfPeers(pid: number): Set<number> {
  const inodes = socketsOf(pid)
  return new Set(connectionsOf(pid).flatMap(({ remotePort, inode }) => (inodes.has(inode) ? [remotePort] : [])))
}

/**
 * How many descriptors a process has open, without its established IPv4 connections on `port`: its own ones and those
 * that it leaks.
 */
export function countDescriptors(pid: number, port: number): number {
  const inodes = socketsOf(pid)
  const ofClients = connectionsOf(pid).filter(
    ({ localPort, state, inode }) => localPort === port && state === ESTABLISHED && inodes.has(inode),
  )
  return readdirSync(`/proc/${pid}/fd`).length - ofClients.length
}

const ESTABLISHED = '01'

function socketsOf(pid: number): Set<string> {
  const inodes = new Set<string>()
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(targetOf(`/proc/${pid}/fd/${descriptor}`))?.[1]
    if (inode !== undefined) inodes.add(inode)
  }
  return inodes
}

/** The connections in /proc/PID/net/tcp (proc(5)): those of all processes in the same network namespace. */
function connectionsOf(pid: number) {
  const [, ...lines] = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n')
  return lines.map((line) => {
    const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/)
    return { localPort: portOf(local), remotePort: portOf(remote), state, inode }
  })
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16)
}

/** The target of a link; empty if it has been removed since it was listed. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}

/** The fields of a process's `stat` from its state on; undefined if it has exited. */
function statOf(path: string): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${path}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
