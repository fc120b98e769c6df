import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const runFile = promisify(execFile)

/** How long one command may take. */
const TIMEOUT_MS = 120_000

/** A project outside the repository, with packages in it, whose commands run on one Node. */
export class EmptyProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'empty-project-'))
  readonly #running: ChildProcess[] = []
  #env: NodeJS.ProcessEnv = {}

  constructor() {
    writeFileSync(join(this.folder, 'package.json'), JSON.stringify({ name: 'empty-project', type: 'module' }))
    this.useNode(process.execPath)
  }

  /** Installs packages in one `npm install`, as they are written on its command line. */
  install(...packages: readonly string[]): void {
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...packages], {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }

  /** The environment of the commands. */
  get env(): NodeJS.ProcessEnv {
    return this.#env
  }

  /** The commands that follow run on this Node. */
  useNode(binary: string): void {
    const bin = mkdtempSync(join(this.folder, 'node-'))
    symlinkSync(binary, join(bin, 'node'))
    // The registry may be behind a proxy with a certificate of its own.
    const settings = /^(?:npm_|NODE_(?!EXTRA_CA_CERTS)|OTEL_|GOOGLE_)/
    const inherited = Object.entries(process.env).filter(([name]) => !settings.test(name))
    const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules/.bin'))
    this.#env = { ...Object.fromEntries(inherited), PATH: [bin, ...path].join(':') }
  }

  write(file: string, text: string): void {
    mkdirSync(join(this.folder, file, '..'), { recursive: true })
    writeFileSync(join(this.folder, file), text)
  }

  /** Runs a command to its end, and returns what it printed. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await runFile(program, args, { cwd: this.folder, env: this.#env, timeout: TIMEOUT_MS })
    return stdout
  }

  /** Starts a program that runs until {@link EmptyProject.stop}. */
  start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
    const stdio = ['ignore', 'ignore', 'inherit'] as const
    this.#running.push(spawn(program, args, { cwd: this.folder, env: { ...this.#env, ...env }, stdio: [...stdio] }))
  }

  /** A binary of an installed package. */
  binary(name: string): string {
    return join(this.folder, 'node_modules', '.bin', name)
  }

  /** Ends what was started. Returns the exit codes. */
  async stop(): Promise<readonly (number | null)[]> {
    const running = this.#running.splice(0)
    return Promise.all(
      running.map(async (child) => {
        if (child.exitCode === null && child.signalCode === null) {
          child.kill('SIGTERM')
          await once(child, 'exit')
        }
        return child.exitCode
      }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true })
  }
}
