import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { repositoryRoot } from '../src/repository-root.ts'

const runFile = promisify(execFile)

/** Why containers can't be run on this machine with `programs`; undefined where they can. */
export function reasonAgainstContainers(programs: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root'
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0)
  return missing.length === 0 ? undefined : `apt-get install ${missing.join(' ')}`
}

/** A machine that grants no limits of its own refuses podman's. */
const CONTAINERS_CONF = `
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
`

/** Podman with a storage of its own, and Docker's API at a socket. */
export class ContainerEngine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'container-engine-'))
  readonly #socket = join(this.#folder, 'podman.sock')
  #service: ChildProcess | undefined
  #hasBase = false
  readonly env: NodeJS.ProcessEnv

  constructor() {
    const write = (name: string, text: string) => {
      writeFileSync(join(this.#folder, name), text)
      return join(this.#folder, name)
    }
    const roots = `graphroot = "${this.#folder}/storage"\nrunroot = "${this.#folder}/run"`
    this.env = {
      ...process.env,
      CONTAINERS_CONF: write('containers.conf', CONTAINERS_CONF),
      CONTAINERS_STORAGE_CONF: write('storage.conf', `[storage]\ndriver = "overlay"\n${roots}\n`),
      DOCKER_HOST: `unix://${this.#socket}`,
      // It needs a container with privileges.
      TESTCONTAINERS_RYUK_DISABLED: 'true',
    }
  }

  /** Listens at the socket of {@link ContainerEngine.env}. */
  async listen(): Promise<void> {
    const args = ['system', 'service', '--time=0', `unix://${this.#socket}`]
    this.#service = spawn('podman', args, { env: this.env, stdio: ['ignore', 'ignore', 'inherit'] })
    while (!existsSync(this.#socket)) {
      if (this.#service.exitCode !== null)
        throw new Error(`podman system service exited with ${this.#service.exitCode}`)
      await sleep(100)
    }
  }

  /** Makes the image of a project from what its Dockerfile puts into it and this machine's Node, without base images. */
  buildImage(project: string): void {
    if (!this.#hasBase) this.#buildBase()
    const context = join(this.#folder, 'context')
    execFileSync(process.execPath, ['deploy/src/image/assemble.ts', project, join(context, 'app')], {
      cwd: repositoryRoot,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const name = basename(project)
    const entry = `["/nodejs/bin/node", "${project}/bin/${name}.js"]`
    this.#build(name, ['FROM node-base', 'COPY . /', 'WORKDIR /app', 'USER 65532:65532', `ENTRYPOINT ${entry}`])
  }

  /** Node and the libraries that it loads. */
  #buildBase(): void {
    const context = join(this.#folder, 'context')
    const node = join(context, 'nodejs/bin/node')
    mkdirSync(dirname(node), { recursive: true })
    copyFileSync(process.execPath, node)
    chmodSync(node, 0o755)
    for (const [library] of execFileSync('ldd', [node], { encoding: 'utf8' }).matchAll(/\/[^ ]+(?= \()/g)) {
      mkdirSync(join(context, dirname(library)), { recursive: true })
      copyFileSync(library, join(context, library))
    }
    this.#build('node-base', ['FROM scratch', 'COPY . /'])
    this.#hasBase = true
  }

  /** Builds an image of the context, which it removes. */
  #build(name: string, instructions: readonly string[]): void {
    const context = join(this.#folder, 'context')
    const file = join(this.#folder, 'Containerfile')
    writeFileSync(file, instructions.join('\n'))
    execFileSync('podman', ['build', '--quiet', '--file', file, '--tag', name, context], {
      env: this.env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    rmSync(context, { recursive: true })
  }

  /** Runs a program that uses the engine, and returns what it printed. */
  async run(program: string, args: readonly string[], cwd: string): Promise<string> {
    const { NODE_TEST_CONTEXT: _, ...env } = this.env
    return (await runFile(program, args, { env, cwd, timeout: 120_000 })).stdout
  }

  /** Ends what is left, and removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#service?.kill('SIGTERM')
    for (const args of [
      ['rm', '--all', '--force', '--time=2'],
      ['network', 'prune', '--force'],
    ]) {
      await runFile('podman', args, { env: this.env }).catch(() => undefined)
    }
    await runFile('rm', ['-rf', this.#folder])
  }
}
