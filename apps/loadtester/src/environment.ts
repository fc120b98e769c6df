import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  boolean,
  directory,
  type EnvironmentOf,
  file,
  httpUrl,
  integer,
  number,
  oneOf,
  port,
  repeatable,
  text,
  valueType,
} from '@node-to-cloud/command-line'
import { telemetryEnvironment } from '@node-to-cloud/telemetry'

/** Used unless LOAD_SCRIPT names another script: GET /. */
const DEFAULT_SCRIPT = fileURLToPath(new URL('../scripts/default.yml', import.meta.url))

const STATE_DIRECTORY = join(
  process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'),
  'node-to-cloud',
  'loadtester',
)

const hostName = valueType('a host name', (value) => (/^[\w.:[\]-]+$/.test(value) ? value.toLowerCase() : undefined))

const engine = {
  LOAD_HTTP_ENGINE: oneOf(['undici', 'artillery'], {
    default: 'undici',
    help: "The engine that sends HTTP requests: the one on undici, or Artillery's own",
  }),
  LOAD_MAX_SERIES: integer({
    min: 1,
    max: 5000,
    default: 200,
    help: 'How many pairs of method and name get their own statistics',
  }),
} as const

const scripts = {
  TARGET_HOST: httpUrl({ default: 'http://127.0.0.1:8080', help: 'The default target' }),
  LOAD_SCRIPT: file({ default: DEFAULT_SCRIPT, defaultText: 'scripts/default.yml', help: 'The default script' }),
  LOAD_SCRIPTS_DIR: directory({ defaultText: 'the folder of LOAD_SCRIPT', help: 'The folder with all scripts' }),
  LOAD_ALLOWED_TARGETS: {
    ...repeatable(httpUrl()),
    allowed: 'http:// or https:// URLs, separated by commas',
    help: 'Further targets that load may be sent to, separated by commas',
  },
} as const

const access = {
  LOAD_TOKEN: text({
    maxLength: 512,
    secret: true,
    defaultText: 'generated, and kept in LOAD_STATE_DIR',
    help: 'The token for the console, the REST API and workers',
  }),
  LOAD_TOKEN_FILE: file({ help: 'A file that contains the token' }),
  LOAD_STATE_DIR: directory({
    default: STATE_DIRECTORY,
    defaultText: '~/.local/state/node-to-cloud/loadtester',
    help: 'The folder for the history and the token',
  }),
} as const

const master = {
  PORT: port({ default: 8089, help: 'The port of the console and the REST API' }),
  LOAD_ALLOWED_HOSTS: {
    ...repeatable(hostName),
    allowed: 'host names, separated by commas',
    help: 'Further host names under which a browser may open the console, separated by commas',
  },
  LOAD_AUTOSTART: boolean({ default: false, help: 'Start a run of LOAD_SCRIPT automatically' }),
  LOAD_RATE: number({
    min: 0,
    max: 1_000_000,
    defaultText: "the script's first rate",
    help: 'Arrivals a second of that run',
  }),
  LOAD_LEASE_SECONDS: number({ min: 1, max: 86_400, default: 120, help: 'How long workers continue without a master' }),
} as const

const standalone = {
  WORKER_METRICS_PORT: port({ default: 9104, help: "The port of the worker's metrics" }),
} as const

const worker = {
  LOAD_WORKER_NAME: text({ maxLength: 100, defaultText: 'host name and process id', help: 'The name of the worker' }),
  LOAD_WEIGHT: number({
    min: 0.01,
    max: 1000,
    defaultText: 'the CPUs that it may use',
    help: 'Share of the load, relative to the other workers',
  }),
} as const

/** The load tester's own variables, without those of telemetry. */
export const OWN_VARIABLES = { ...scripts, ...engine, ...access, ...master, ...standalone, ...worker } as const

const common = { ...scripts, ...engine, ...access } as const

/** The variables of `loadtester master`. */
export const masterEnvironment = { ...telemetryEnvironment({ metricsPort: 9103 }), ...common, ...master } as const

/** The variables of `loadtester standalone`. */
export const standaloneEnvironment = { ...masterEnvironment, ...standalone } as const

/** The variables of `loadtester worker`. */
export const workerEnvironment = { ...telemetryEnvironment({ metricsPort: 9104 }), ...common, ...worker } as const

/** The variables of `loadtester run`; its engine threads read those of telemetry. */
export const runEnvironment = {
  ...telemetryEnvironment({ metricsPort: 0 }),
  ...engine,
  PORT: port({ default: 8089, help: 'The port that the workers of --expect-workers connect to' }),
  LOAD_TOKEN: text({ maxLength: 512, secret: true, help: 'The token that the workers of --expect-workers must send' }),
} as const

interface MasterOptions {
  /** How many workers an automatic start waits for. */
  readonly expectWorkers: number
}
/** The settings of `loadtester master`: its variables and its option. */
export type MasterSettings = EnvironmentOf<typeof masterEnvironment> & MasterOptions
export type StandaloneSettings = EnvironmentOf<typeof standaloneEnvironment> & MasterOptions
export type WorkerSettings = EnvironmentOf<typeof workerEnvironment> & {
  /** The master's URL. */
  readonly master: string
  /** Exit once the master has ended. */
  readonly endsWithMaster: boolean
}

type ScriptsEnvironment = EnvironmentOf<typeof scripts>

/** URLs whose origins load may be sent to, the default target first. */
export function allowedTargets({ TARGET_HOST, LOAD_ALLOWED_TARGETS }: ScriptsEnvironment): string[] {
  return [TARGET_HOST, ...LOAD_ALLOWED_TARGETS]
}

/** The folder of the scripts: LOAD_SCRIPTS_DIR, or else the folder of the default script. */
export function scriptsDirectory({ LOAD_SCRIPTS_DIR, LOAD_SCRIPT }: ScriptsEnvironment): string {
  return resolve(LOAD_SCRIPTS_DIR ?? dirname(LOAD_SCRIPT))
}
