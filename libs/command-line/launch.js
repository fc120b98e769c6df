import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The least version that runs TypeScript files without an option of its own; Artillery needs it too. */
const LEAST = [22, 18]

/**
 * Runs the program that a launcher in `bin/` stands for: `src/main.ts` in a checkout, else `dist/main.js`. Where Node needs
 * options of its own for it, the process is replaced, so that signals, standard streams and the exit code are the
 * program's. This file is plain JavaScript: it runs before anything is built, and also on a Node that is too old, from
 * where it goes on with the Node that `npm ci` has installed.
 *
 * @param {string} launcherUrl `import.meta.url` of the launcher
 * @param {{ flags?: readonly string[], environment?: Readonly<Record<string, string>> }} [node]
 *   options of Node, and environment variables that are set where they are not set already
 */
export async function launch(launcherUrl, { flags = [], environment = {} } = {}) {
  const source = new URL('../src/main.ts', launcherUrl)
  const built = new URL('../dist/main.js', launcherUrl)
  const isCheckout = existsSync(source)
  const installed = isNewEnough(process.versions.node) ? undefined : installedNode(fileURLToPath(launcherUrl))
  if (installed === undefined && !isNewEnough(process.versions.node)) {
    process.stderr.write(
      `This needs Node 24 (${LEAST.join('.')} at least), and this is Node ${process.versions.node}: install it from https://nodejs.org or with nvm.\n`,
    )
    process.exit(2)
  }
  if (installed === undefined && !isCheckout && flags.length === 0) {
    await import(built.href)
    return
  }
  const options = [...process.execArgv, ...flags, ...(isCheckout ? ['--conditions=@node-to-cloud/source'] : [])]
  const args = [...options, fileURLToPath(isCheckout ? source : built), ...process.argv.slice(2)]
  continueWith(installed ?? process.execPath, args, { ...environment, ...process.env })
}

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = LEAST
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

/** The Node that `npm ci` installed in the launcher's folder or one above it. @param {string} launcher */
function installedNode(launcher) {
  for (let folder = dirname(launcher); folder !== dirname(folder); folder = dirname(folder)) {
    const node = join(folder, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
    if (existsSync(node)) return node
  }
  return undefined
}

/**
 * Replaces the process; a Node that can't do so runs the program as a child and passes on signals and the exit code.
 *
 * @param {string} node
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function continueWith(node, args, env) {
  if (process.execve !== undefined) process.execve(node, [node, ...args], env)
  // The program ends by itself when this process is killed: see parent-watch.ts of the pipeline.
  const child = spawn(node, args, { stdio: 'inherit', env: { ...env, NODE_TO_CLOUD_LAUNCHER: String(process.pid) } })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal))
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
