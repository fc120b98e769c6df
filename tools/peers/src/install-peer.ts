import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type BuildStep, PEERS, type PeerName } from './peers.ts'

/** A peer is neither cached nor can be built here, or its build failed. */
export class PeerError extends Error {
  override readonly name = 'PeerError'
  readonly code: 'ERR_PEER_TOOLCHAIN_MISSING' | 'ERR_PEER_BUILD_FAILED'

  constructor(code: PeerError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export interface InstallOptions {
  /** Where peers are kept. Default: `PEERS_DIR`, then `~/.cache/node-to-cloud/peers`. */
  readonly cacheDir?: string
  readonly env?: NodeJS.ProcessEnv
}

const SOURCES_DIR = resolve(import.meta.dirname, '..')

/** The path of a peer's program if it is already built, else undefined. */
export function findPeer(name: PeerName, options: InstallOptions = {}): string | undefined {
  const program = join(folderOf(name, options), PEERS[name].program)
  return existsSync(program) ? program : undefined
}

/**
 * Returns the path of a peer's program, building it first unless it is cached. A build takes minutes; its output goes to standard error.
 *
 * @throws PeerError when the toolchain is missing or the build fails
 */
export function installPeer(name: PeerName, options: InstallOptions = {}): string {
  const found = findPeer(name, options)
  if (found !== undefined) return found
  const { toolchain, source, program, build } = PEERS[name]
  const env = options.env ?? process.env
  if (spawnSync(toolchain, [toolchain === 'go' ? 'version' : '--version'], { env, stdio: 'ignore' }).status !== 0) {
    throw new PeerError(
      'ERR_PEER_TOOLCHAIN_MISSING',
      `${name} is not built, and ${toolchain} to build it is not installed`,
    )
  }
  const folder = folderOf(name, options)
  // A virtual environment can't be moved, so it is removed when it stays incomplete.
  const outDir = toolchain === 'python3' ? folder : `${folder}.${process.pid}`
  mkdirSync(outDir, { recursive: true })
  try {
    for (const step of build(outDir)) run(step, name, join(SOURCES_DIR, source), env)
    if (outDir !== folder) moveUnlessBuilt(outDir, folder)
  } catch (error) {
    rmSync(outDir, { recursive: true, force: true })
    throw error
  }
  return join(folder, program)
}

/** The folder of a peer, named after its source and a hash of all that determines what is built. */
function folderOf(name: PeerName, { cacheDir, env = process.env }: InstallOptions): string {
  const { source, build } = PEERS[name]
  const hash = createHash('sha256').update(JSON.stringify(build('OUT')))
  const folder = join(SOURCES_DIR, source)
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)))
  const root = cacheDir ?? (env.PEERS_DIR || join(homedir(), '.cache/node-to-cloud/peers'))
  return join(resolve(root), `${source}-${hash.digest('hex').slice(0, 12)}`)
}

function run({ command, args, env = {} }: BuildStep, name: PeerName, cwd: string, base: NodeJS.ProcessEnv): void {
  const { status, signal, error } = spawnSync(command, args, {
    cwd,
    env: { ...base, ...env },
    stdio: ['ignore', process.stderr, process.stderr],
  })
  if (status === 0) return
  const reason = error?.message ?? (signal ? `was killed by ${signal}` : `exited with ${status}`)
  throw new PeerError('ERR_PEER_BUILD_FAILED', `building ${name}: ${command} ${args[0]} ${reason}`, { cause: error })
}

function moveUnlessBuilt(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    // Another process has built it meanwhile.
    if (!existsSync(to)) throw error
    rmSync(from, { recursive: true })
  }
}
