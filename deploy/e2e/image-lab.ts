import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildPlatform } from '../src/image/build-tool.ts'
import { rootDir } from '../src/repository.ts'

const run = promisify(execFile)
const MINUTE_MS = 60_000

/** The Debian packages that building and running images needs. */
export const PROGRAMS = ['buildah', 'podman', 'runc', 'debootstrap'] as const

/** Why images can't be built and run on this machine, or undefined when they can. */
export function reasonAgainst(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root'
  const missing = PROGRAMS.filter((program) => spawnSync('which', [program]).status !== 0)
  return missing.length === 0 ? undefined : `apt-get install ${missing.join(' ')}`
}

/** Signals that end a lab early. */
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

function storageArgs(folder: string): string[] {
  return ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run')]
}

function podmanArgs(folder: string): string[] {
  return [...storageArgs(folder), '--cgroup-manager', 'cgroupfs', '--runtime', 'runc', '--events-backend', 'file']
}

/** Ends a lab's containers and removes its folder, in whatever state it is. */
async function removeLab(folder: string): Promise<void> {
  if (existsSync(join(folder, 'storage'))) {
    for (const command of [
      ['rm', '--all', '--force', '--time', '2'],
      ['unmount', '--all'],
    ])
      await run('podman', [...podmanArgs(folder), ...command], { timeout: MINUTE_MS }).catch(() => undefined)
  }
  await run('rm', ['-rf', folder])
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** A running container. */
export interface RunningContainer {
  readonly name: string
  /** The container's PID 1 in the machine's PID namespace. */
  readonly pid: number
}

/**
 * Builds this repository's images without an image registry and runs them as the manifests do. Everything is kept in one folder.
 */
export class ImageLab {
  readonly #folder = mkdtempSync(join(tmpdir(), `image-lab-${process.pid}-`))
  readonly #interrupted = new AbortController()
  #count = 0
  readonly #architecture: string | undefined
  #buildTag = ''
  #runtimeTag = ''

  /** @param architecture of the images, such as `arm64`; by default this machine's */
  constructor(architecture?: string) {
    this.#architecture = architecture
    for (const signal of SIGNALS) process.once(signal, this.#interrupt)
  }

  readonly #interrupt = (signal: NodeJS.Signals): void => {
    this.#interrupted.abort()
    void this.close().finally(() => process.kill(process.pid, signal))
  }

  /** Removes what killed labs have left: those whose process is gone. */
  static async sweep(): Promise<void> {
    for (const name of readdirSync(tmpdir())) {
      const pid = /^image-lab-(\d+)-\w+$/.exec(name)?.[1]
      if (pid !== undefined && !isAlive(Number(pid))) await removeLab(join(tmpdir(), name))
    }
  }

  /** Makes the base images, with the script that makes them for a cluster. */
  async makeBases(): Promise<void> {
    await ImageLab.sweep()
    this.#buildTag = await this.#makeBase()
    this.#runtimeTag = this.#architecture === undefined ? this.#buildTag : await this.#makeBase(this.#architecture)
  }

  async #makeBase(...args: string[]): Promise<string> {
    const env = { ...process.env, IMAGE_ROOT: join(this.#folder, 'storage'), IMAGE_RUNROOT: join(this.#folder, 'run') }
    const script = join(rootDir, 'tools/cluster/base-images.sh')
    const { stdout } = await run(script, args, { env, timeout: 15 * MINUTE_MS })
    return stdout.trim().split('\n').at(-1) ?? ''
  }

  /** Builds a project's image from its own Dockerfile; the image is `localhost/<name>`. */
  async build(folder: string, name: string): Promise<void> {
    // The package registry may be reachable only with the machine's certificates and hosts.
    const npmrc = join(this.#folder, 'npmrc')
    writeFileSync(npmrc, 'cafile=/etc/ssl/certs/ca-certificates.crt\n')
    const certificates = '/etc/ssl/certs/ca-certificates.crt'
    await this.#buildah(
      'build',
      ...['--layers', '--isolation', 'chroot', '--file', `${folder}/Dockerfile`, '--tag', `localhost/${name}`],
      ...['--build-arg', `BUILD_IMAGE=localhost/build-base:${this.#buildTag}`],
      ...['--build-arg', `RUNTIME_IMAGE=localhost/runtime-base:${this.#runtimeTag}`],
      ...(this.#architecture === undefined ? [] : ['--platform', `linux/${this.#architecture}`]),
      ...['--build-arg', `BUILDPLATFORM=${buildPlatform()}`],
      ...['--volume', `${npmrc}:/root/.npmrc:ro`, '--volume', `${certificates}:${certificates}:ro`],
      ...['--volume', '/etc/hosts:/etc/hosts:ro'],
      '.',
    )
  }

  /** The size of what an image adds to its base, in bytes. */
  async ownLayersBytes(name: string): Promise<number> {
    const [image, base] = await Promise.all([
      this.#size(`localhost/${name}`),
      this.#size(`localhost/runtime-base:${this.#runtimeTag}`),
    ])
    return image - base
  }

  /** An image's configuration: user, entry point, labels. */
  async inspect(name: string): Promise<{ User: string; Entrypoint: string[]; Labels: Record<string, string> }> {
    return JSON.parse(await this.#podman('image', 'inspect', '--format', '{{json .Config}}', `localhost/${name}`))
  }

  /** The architecture an image is for, such as `arm64`. */
  async architectureOf(name: string): Promise<string> {
    return await this.#podman('image', 'inspect', '--format', '{{.Architecture}}', `localhost/${name}`)
  }

  /**
   * Starts a container as Kubernetes would: read-only, without capabilities, not as root, with its memory limit, and with writable
   * folders in place of the manifest's volumes.
   */
  async start(image: string, options: StartOptions): Promise<RunningContainer> {
    this.#count += 1
    const name = `${image}-${process.pid}-${this.#count}`
    await this.#podman(
      ...['run', '--detach', '--name', name, '--network', 'host', '--read-only', '--read-only-tmpfs=false'],
      ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', options.user],
      ...['--memory', String(options.memoryBytes), '--memory-swap', String(options.memoryBytes)],
      ...['--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=1024:1024'],
      ...options.writable.flatMap((path) => ['--mount', `type=tmpfs,destination=${path},tmpfs-mode=1777`]),
      ...Object.entries(options.env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      `localhost/${image}`,
      ...options.args,
    )
    return { name, pid: Number(await this.#podman('inspect', '--format', '{{.State.Pid}}', name)) }
  }

  /** Sends SIGTERM to PID 1 and returns the exit code. */
  async terminate(container: RunningContainer, afterMs = 0): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    process.kill(container.pid, 'SIGTERM')
    return Number(await this.#podman('wait', container.name))
  }

  /** The container's output. */
  async logs(container: RunningContainer): Promise<string> {
    const { stdout, stderr } = await this.#exec('podman', [...podmanArgs(this.#folder), 'logs', container.name])
    return stdout + stderr
  }

  /** The container's peak memory in bytes, from its cgroup. */
  peakMemoryBytes(container: RunningContainer): number | undefined {
    const groups = readFileSync(`/proc/${container.pid}/cgroup`, 'utf8')
    const v1 = /^\d+:(?:[\w,]+,)?memory:(.+)$/m.exec(groups)?.[1]
    const v2 = /^0::(.+)$/m.exec(groups)?.[1]
    const file =
      v1 !== undefined ? `/sys/fs/cgroup/memory${v1}/memory.max_usage_in_bytes` : `/sys/fs/cgroup${v2}/memory.peak`
    try {
      return Number(readFileSync(file, 'utf8'))
    } catch {
      return undefined
    }
  }

  /** Stops all containers and removes the folder. */
  async close(): Promise<void> {
    for (const signal of SIGNALS) process.off(signal, this.#interrupt)
    await removeLab(this.#folder)
  }

  async #size(image: string): Promise<number> {
    return Number(await this.#podman('image', 'inspect', '--format', '{{.Size}}', image))
  }

  async #podman(...args: string[]): Promise<string> {
    return (await this.#exec('podman', [...podmanArgs(this.#folder), ...args])).stdout.trim()
  }

  async #buildah(...args: string[]): Promise<string> {
    return (await this.#exec('buildah', [...storageArgs(this.#folder), ...args])).stdout
  }

  async #exec(program: string, args: string[]): Promise<{ stdout: string; stderr: string }> {
    try {
      const { signal } = this.#interrupted
      return await run(program, args, { cwd: rootDir, timeout: 8 * MINUTE_MS, maxBuffer: 64 << 20, signal })
    } catch (cause) {
      const output =
        cause instanceof Error && 'stderr' in cause && 'stdout' in cause
          ? `${cause.stdout}${cause.stderr}`
          : String(cause)
      throw new Error(`${program} ${args.join(' ')} failed:\n${output.slice(-4000)}`, { cause })
    }
  }
}

export interface StartOptions {
  readonly user: string
  readonly memoryBytes: number
  readonly writable: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly args: readonly string[]
}
