import assert from 'node:assert/strict'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Outcome, runProgram } from './run-program.ts'

const INSTALL_MS = 600_000
const RUN_MS = 120_000

const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.11.0'

/** Programs in a folder beside this file, with the packages that they need. */
export interface PeerClient {
  /** Runs a program with these environment variables and few others, and returns its output. */
  run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string>
}

interface Installer {
  /** The command that runs one of the client's programs, whose name is among the arguments. */
  readonly command: (folder: string, args: readonly string[]) => readonly [string, ...string[]]
  readonly steps: (folder: string) => readonly (readonly [string, ...string[]])[]
}

const INSTALLERS = {
  npm: {
    command: (_folder, args) => [process.execPath, ...args],
    steps: () => [['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']],
  },
  pip: {
    command: (folder, args) => [join(folder, 'venv/bin/python'), ...args],
    steps: (folder) => [
      ['python3', '-m', 'venv', 'venv'],
      [
        join(folder, 'venv/bin/python'),
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--only-binary=:all:',
        '--requirement=requirements.txt',
      ],
    ],
  },
  go: {
    command: (folder, [program = '', ...args]) => [join(folder, 'built', program), ...args],
    steps: () => [['go', 'build', '-buildvcs=false', '-p=2', '-o', 'built/', './...']],
  },
  // Java compiles a single-file program when it runs it.
  maven: {
    command: (_folder, args) => ['java', '-cp', 'lib/*', ...args],
    steps: () => [['mvn', '-q', '-B', `${DEPENDENCY_PLUGIN}:copy-dependencies`, '-DoutputDirectory=lib']],
  },
} as const satisfies Record<string, Installer>

/**
 * Installs the client of a folder in a temporary folder, which is removed after the test. Undefined if the installer is
 * missing or fails: the test is then skipped, with the reason.
 */
export async function installPeer(
  context: TestContext,
  name: string,
  installer: keyof typeof INSTALLERS,
): Promise<PeerClient | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'peer-'))
  context.after(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  await cp(join(import.meta.dirname, name), folder, { recursive: true })
  const { command, steps }: Installer = INSTALLERS[installer]
  for (const [file, ...args] of steps(folder)) {
    const outcome = await runProgram(file, args, { cwd: folder, env: process.env, timeoutMs: INSTALL_MS })
    if (outcome.code === 0) continue
    context.skip(`${name} could not be installed: ${file} ${args.slice(0, 2).join(' ')}: ${firstError(outcome)}`)
    return undefined
  }
  return {
    run: async (args, env) => {
      const { PATH, HOME } = process.env
      const options = { cwd: folder, env: { PATH, HOME, ...env }, timeoutMs: RUN_MS }
      const [file, ...rest] = command(folder, args)
      const { code, stdout, stderr } = await runProgram(file, rest, options)
      assert.equal(code, 0, `${args.join(' ')}\n${stdout}\n${stderr}`)
      return stdout.trim()
    },
  }
}

function firstError({ code, stderr }: Outcome): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  return (
    lines.find((line) => /error/i.test(line)) ?? lines[0] ?? (code === -1 ? 'not found, or too slow' : `exit ${code}`)
  )
}
