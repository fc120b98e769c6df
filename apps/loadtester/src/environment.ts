import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  boolean,
  type EnvironmentOf,
  httpUrl,
  integer,
  number,
  oneOf,
  port,
  telemetryEnvironment,
  text,
  variable,
} from '@node-to-cloud/telemetry'

/** The script that runs where none is named: GET /. */
export const defaultScript = fileURLToPath(new URL('../scripts/default.yml', import.meta.url))

const stateDirectory = join(
  process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'),
  'node-to-cloud',
  'loadtester',
)

const engine = {
  LOAD_HTTP_ENGINE: oneOf(['undici', 'artillery'], { default: 'undici' }),
  LOAD_MAX_SERIES: integer({ min: 1, max: 5000, default: 200 }),
} as const

const files = {
  TARGET_HOST: httpUrl({ default: 'http://127.0.0.1:8080' }),
  LOAD_SCRIPT: text({ maxLength: 4096, default: defaultScript }),
  LOAD_SCRIPTS_DIR: text({ maxLength: 4096 }),
  LOAD_ALLOWED_TARGETS: variable<readonly string[], readonly string[]>(
    'URLs that begin with http:// or https://, with commas between them',
    (value) => {
      const targets = value
        .split(',')
        .map((target) => target.trim())
        .filter((target) => target !== '')
      return targets.every((target) => URL.canParse(target) && /^https?:$/.test(new URL(target).protocol))
        ? targets
        : undefined
    },
    { default: [] },
  ),
} as const

const access = {
  LOAD_TOKEN: text({ maxLength: 512, secret: true }),
  LOAD_TOKEN_FILE: text({ maxLength: 4096 }),
  LOAD_STATE_DIR: text({ maxLength: 4096, default: stateDirectory }),
} as const

const web = {
  ...access,
  PORT: port({ default: 8089 }),
  LOAD_ALLOWED_HOSTS: variable<readonly string[], readonly string[]>(
    'host names with commas between them',
    (value) => {
      const hosts = value
        .split(',')
        .map((host) => host.trim().toLowerCase())
        .filter((host) => host !== '')
      return hosts.every((host) => /^[\w.:[\]-]+$/.test(host)) ? hosts : undefined
    },
    { default: [] },
  ),
  LOAD_AUTOSTART: boolean({ default: false }),
  LOAD_RATE: number({ min: 0, max: 1_000_000 }),
  LOAD_EXPECT_WORKERS: integer({ min: 1, max: 10_000, default: 1 }),
  LOAD_LEASE_SECONDS: number({ min: 1, max: 86_400, default: 120 }),
} as const

/** The variables of `loadtester master`. */
export const masterEnvironment = {
  ...telemetryEnvironment({ metricsPort: 9103 }),
  ...engine,
  ...files,
  ...web,
} as const

/** The variables of `loadtester standalone`. */
export const standaloneEnvironment = { ...masterEnvironment, WORKER_METRICS_PORT: port({ default: 9104 }) } as const

/** The variables of `loadtester worker`. */
export const workerEnvironment = {
  ...telemetryEnvironment({ metricsPort: 9104 }),
  ...engine,
  ...files,
  ...access,
  LOAD_MASTER: variable(
    "the master's URL or host:port, such as http://127.0.0.1:8089",
    (value) => {
      const url = /^[a-z]+:\/\//i.test(value) ? value : `http://${value}`
      return URL.canParse(url) && /^(https?|wss?):$/.test(new URL(url).protocol) ? url : undefined
    },
    { default: 'http://127.0.0.1:8089' },
  ),
  LOAD_WORKER_NAME: text({ maxLength: 100 }),
  LOAD_WEIGHT: number({ min: 0.01, max: 1000 }),
} as const

/** The variables of `loadtester run`; those of telemetry are read by its engine threads. */
export const headlessEnvironment = { ...telemetryEnvironment({ metricsPort: 0 }), ...engine } as const

export type MasterEnvironment = EnvironmentOf<typeof masterEnvironment>
export type StandaloneEnvironment = EnvironmentOf<typeof standaloneEnvironment>
export type WorkerEnvironment = EnvironmentOf<typeof workerEnvironment>
