import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The release of Locust that benchmarks compare with, whatever else is installed. */
export const LOCUST_VERSION = '2.47.0'

const INSTALL_TIMEOUT_MS = 300_000

let program: string | undefined
let isKnown = false

/** Locust's program, installed from PyPI once; undefined where there is no Python with venv and pip, or no network. */
export function locustProgram(): string | undefined {
  if (!isKnown) program = findLocust()
  isKnown = true
  return program
}

function findLocust(): string | undefined {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const folder = join(cache, 'node-to-cloud', 'bench', `locust-${LOCUST_VERSION}`)
  const found = join(folder, 'bin', 'locust')
  if (existsSync(found)) return found
  const options = { stdio: 'ignore', timeout: INSTALL_TIMEOUT_MS } as const
  try {
    console.error(`bench: installing Locust ${LOCUST_VERSION} from PyPI into ${folder}`)
    execFileSync('python3', ['-m', 'venv', folder], options)
    execFileSync(join(folder, 'bin', 'pip'), ['install', '--quiet', `locust==${LOCUST_VERSION}`], options)
    return found
  } catch {
    rmSync(folder, { recursive: true, force: true })
    console.error('bench: installing Locust failed, so it is left out')
    return undefined
  }
}
