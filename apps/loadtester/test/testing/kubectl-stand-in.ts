import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/**
 * Stands in for kubectl and a cluster: runs the containers of Jobs as processes of this machine, with their arguments,
 * variables and files. STAND_IN_DIR has what there is, STAND_IN_PORT is the port of the Service.
 */

const root = process.env.STAND_IN_DIR ?? ''
const port = process.env.STAND_IN_PORT ?? ''
const launcher = fileURLToPath(new URL('../../bin/loadtester.js', import.meta.url))
const args = process.argv.slice(2)

interface Stored {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly ownerReferences?: readonly { readonly uid: string }[] }
  readonly data?: Readonly<Record<string, string>>
  readonly stringData?: Readonly<Record<string, string>>
  readonly spec?: {
    readonly parallelism?: number
    readonly suspend?: boolean
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly args: readonly string[]
          readonly env: readonly { readonly name: string; readonly value: string }[]
        }[]
        readonly volumes: readonly {
          readonly configMap?: { readonly items: readonly { readonly key: string; readonly path: string }[] }
        }[]
      }
    }
  }
}

const UID = 'uid-of-the-job'
const stored = (kind: string): Stored[] =>
  readdirSync(root)
    .filter((name) => name.startsWith(`${kind}.`))
    .map((name) => JSON.parse(readFileSync(join(root, name), 'utf8')) as Stored)

function keep(object: Stored): void {
  const isOwner = object.kind === 'Job' && object.spec?.suspend === true
  if (!isOwner && object.metadata.ownerReferences?.[0]?.uid !== UID) throw new Error('an object has no owner')
  writeFileSync(join(root, `${object.kind}.${object.metadata.name}`), JSON.stringify(object))
}

/** Starts the container of a Job; its output and exit code are kept. */
function start(job: Stored, pod: string): ChildProcess {
  const [container] = job.spec?.template.spec.containers ?? []
  const [files] = stored('ConfigMap')
  const scripts = join(root, 'scripts')
  for (const { key, path } of job.spec?.template.spec.volumes[0]?.configMap?.items ?? []) {
    mkdirSync(dirname(join(scripts, path)), { recursive: true })
    writeFileSync(join(scripts, path), files?.data?.[key] ?? '')
  }
  const local = (value: string): string =>
    value.replace('/scripts', scripts).replace(/http:\/\/loadtest-[\w-]+:8089/, `http://127.0.0.1:${port}`)
  const given = (container?.env ?? []).map(({ name, value }) => [name, local(value)])
  const env = {
    ...{ PATH: process.env.PATH, HOME: root },
    ...Object.fromEntries(given),
    ...stored('Secret')[0]?.stringData,
    ...{ HOST: '127.0.0.1', PORT: port, METRICS_PORT: '0', LOAD_STATE_DIR: root },
  }
  const words = [process.execPath, launcher, ...(container?.args ?? []).map(local)]
  // The shell outlives the signal, so as to keep the exit code.
  const command = `trap : TERM; "$@" > '${join(root, `${pod}.log`)}' 2>&1; echo $? > '${join(root, `${pod}.exit`)}'`
  return spawn('sh', ['-c', command, 'sh', ...words], { env, detached: true, stdio: 'ignore' })
}

const exitFile = join(root, 'test.exit')

async function act(): Promise<void> {
  const [verb = '', what = ''] = args
  if (verb === 'create') {
    const given = JSON.parse(await text(process.stdin)) as Stored & { readonly items?: readonly Stored[] }
    for (const object of given.items ?? [given]) keep(object)
    console.log(JSON.stringify({ ...given, metadata: { ...given.metadata, uid: UID } }))
  } else if (verb === 'patch') {
    for (const job of stored('Job')) {
      const copies = job.spec?.parallelism ?? 1
      const isMaster = job.spec?.suspend === true
      for (let copy = 0; copy < copies; copy++) {
        const child = start(job, isMaster ? 'test' : `worker-${copy}`)
        if (isMaster) writeFileSync(join(root, 'test.pid'), String(child.pid))
        child.unref()
      }
    }
  } else if (verb === 'get') {
    const state = existsSync(exitFile)
      ? { terminated: { exitCode: Number(readFileSync(exitFile, 'utf8')) } }
      : { running: {} }
    console.log(JSON.stringify({ items: [{ metadata: { name: 'test' }, status: { containerStatuses: [{ state }] } }] }))
  } else if (verb === 'logs') {
    let sent = 0
    for (let isOver = false; !isOver; ) {
      isOver = existsSync(exitFile)
      const log = existsSync(join(root, 'test.log')) ? readFileSync(join(root, 'test.log'), 'utf8') : ''
      process.stdout.write(log.slice(sent))
      sent = log.length
      await pause(50)
    }
  } else if (verb === 'delete' && what === 'pod') {
    process.kill(-Number(readFileSync(join(root, 'test.pid'), 'utf8')), 'SIGTERM')
  } else if (verb === 'delete' && what === 'job') {
    for (const name of readdirSync(root)) if (/^(Job|ConfigMap|Secret|Service)\./.test(name)) rmSync(join(root, name))
    writeFileSync(join(root, 'deleted'), args[2] ?? '')
  } else {
    throw new Error(`${args.join(' ')} is not played`)
  }
}

await act()
