import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { formatHostPort, messageOf, UsageError } from '@node-to-cloud/command-line'
import type { ElectionFlags } from '../config/flags.ts'
import { PROGRAM } from '../config/program.ts'
import type { Log } from '../log/log.ts'
import { hasCode } from '../state/state-file-error.ts'
import { Election } from './election.ts'
import { FileLease } from './file-lease.ts'
import { KubernetesLease } from './kubernetes-lease.ts'
import type { LeaseStore } from './lease-record.ts'

/** The election that the flags describe. Throws a {@link UsageError} if its lease can't be kept there. */
export async function openElection(
  flags: ElectionFlags,
  options: {
    readonly savedTermMs: number | undefined
    readonly env: NodeJS.ProcessEnv
    readonly log: Pick<Log, 'info' | 'warn'>
  },
): Promise<Election> {
  const { savedTermMs, log } = options
  const store = await openStore(flags, options.env)
  return new Election({ store, identity: flags.identity, durationMs: flags.durationMs, savedTermMs, log })
}

async function openStore(
  { lease, serviceAccountFolder }: ElectionFlags,
  { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' }: NodeJS.ProcessEnv,
): Promise<LeaseStore> {
  if (lease.kind === 'file') {
    await checkFolder(lease.folder)
    return new FileLease(lease.folder)
  }
  if (host === '') {
    throw new UsageError(
      '--ha.lease=kubernetes needs a pod: KUBERNETES_SERVICE_HOST is not set here; use --ha.lease=file:FOLDER',
      { command: PROGRAM.name },
    )
  }
  return new KubernetesLease({
    apiUrl: `https://${formatHostPort({ host, port: Number(port) })}`,
    serviceAccountFolder,
    namespace: lease.namespace || (await readNamespace(serviceAccountFolder)),
    leaseName: lease.name,
  })
}

/** A folder that is missing or can't be reached may appear later; a file in its place stays. */
async function checkFolder(folder: string): Promise<void> {
  const isFile = await stat(folder).then(
    (found) => !found.isDirectory(),
    (error: unknown) => hasCode(error, 'ENOTDIR'),
  )
  if (!isFile) return
  throw new UsageError(
    `--ha.lease: ${folder} is not a folder, or is below a file; it must be a folder, such as file:/shared/lease`,
    {
      command: PROGRAM.name,
    },
  )
}

async function readNamespace(folder: string): Promise<string> {
  try {
    return (await readFile(join(folder, 'namespace'), 'utf8')).trim()
  } catch (cause) {
    throw new UsageError(
      `--ha.lease: the pod’s namespace is unknown (${messageOf(cause)}); set it with kubernetes:NAMESPACE/NAME`,
      { command: PROGRAM.name, cause },
    )
  }
}
