import type { Installation } from '../../installation.ts'

/** Ends the program of a container by SIGKILL: the child of its PID 1, which a signal from inside can't kill. */
const KILL_PROGRAM = `
const fs = require('node:fs')
for (const pid of fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
  if (pid !== String(process.pid) && fs.readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1].split(' ')[1] === '1') {
    process.kill(Number(pid), 'SIGKILL')
  }
}`

/** Kills the program of a container, as by `kill -9`. */
export async function killProgram(installation: Installation, pod: string, container: string): Promise<void> {
  const command = ['exec', pod, '--container', container, '--', '/nodejs/bin/node', '-e', KILL_PROGRAM]
  // The container may be gone before kubectl has the command's exit code.
  await installation.kubectl.run(command).catch(() => undefined)
}

/** Evicts a pod, as a drained node does: the disruption budget may refuse. */
export async function evict(installation: Installation, name: string): Promise<void> {
  const { kubectl, namespace } = installation
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } }
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`
  await kubectl.run(['create', '--raw', path, '--filename', '-'], { input: JSON.stringify(eviction) })
}

/** How often containers of a Deployment have been restarted. */
export async function restarts(installation: Installation, name: string): Promise<number> {
  const pods = await installation.pods(name)
  return pods.flatMap(({ status }) => status.containerStatuses ?? []).reduce((sum, one) => sum + one.restartCount, 0)
}
