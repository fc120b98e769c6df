import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Whether a process has been stopped by SIGSTOP, every thread of it. */
export function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => statOf(`${pid}/task/${thread}`)?.[0] === 'T')
}

/** The ports of those who have a connection over IPv4 to a process: what the kernel says it has open at this moment. */
export function portsOfPeers(pid: number): Set<number> {
  const inodes = socketsOf(pid)
  return new Set(connectionsOf(pid).flatMap(({ remotePort, inode }) => (inodes.has(inode) ? [remotePort] : [])))
}

/** How many descriptors a process has open, without its established connections over IPv4 on `port`: what is its own, and what it has forgotten to close. */
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

/** What proc(5)'s /proc/PID/net/tcp lists: the connections of all processes that share its network. */
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
