import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const LEAST_MAJOR = 24

/**
 * Runs the program that a launcher in `bin/` stands for: `src/main.ts` in a checkout, else `dist/main.js`. Where Node needs
 * options of its own for it, the process is replaced, so that signals, standard streams and the exit code are the
 * program's. This file is plain JavaScript: it runs before anything is built, and also on a Node that is too old.
 *
 * @param {string} launcherUrl `import.meta.url` of the launcher
 * @param {{ flags?: readonly string[], environment?: Readonly<Record<string, string>> }} [node]
 *   options of Node, and environment variables that are set where they are not set already
 */
export async function launch(launcherUrl, { flags = [], environment = {} } = {}) {
  const [major] = process.versions.node.split('.').map(Number)
  if (major < LEAST_MAJOR) {
    process.stderr.write(
      `This runs on Node ${LEAST_MAJOR} or later, not on ${process.versions.node}.\n` +
        'On Linux "npm ci" brings it, and "npm run" and "npx" find it. Elsewhere install it, for instance: nvm install\n',
    )
    process.exit(2)
  }
  const source = new URL('../src/main.ts', launcherUrl)
  const built = new URL('../dist/main.js', launcherUrl)
  const isCheckout = existsSync(source)
  if (!isCheckout && flags.length === 0) {
    await import(built.href)
    return
  }
  const options = [...process.execArgv, ...flags, ...(isCheckout ? ['--conditions=@node-to-cloud/source'] : [])]
  process.execve(
    process.execPath,
    [process.execPath, ...options, fileURLToPath(isCheckout ? source : built), ...process.argv.slice(2)],
    { ...environment, ...process.env },
  )
}
