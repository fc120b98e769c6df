import { parseArgs } from 'node:util'

/** The services, by their LOAD_MODE. */
export const serviceModes = ['standalone', 'master', 'worker'] as const
export type ServiceMode = (typeof serviceModes)[number]

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'service'
      /** Undefined: as LOAD_MODE says. */
      readonly mode: ServiceMode | undefined
      /** Variables that options of the command line set. */
      readonly environment: Readonly<Record<string, string>>
    }
  | { readonly kind: 'run'; readonly run: RunCommand }

/** The options of `loadtester run`. */
export interface RunCommand {
  readonly script: string
  readonly target: string | undefined
  readonly environment: string | undefined
  readonly rate: number | undefined
  readonly users: number | undefined
  readonly spawnRate: number | undefined
  readonly durationSeconds: number | undefined
  readonly workers: number
  readonly reportFile: string | undefined
  readonly json: boolean
}

/** A command line that can't be used; the process exits with 2. */
export class UsageError extends Error {
  readonly code = 'ERR_USAGE'
  readonly exitCode = 2

  constructor(message: string) {
    super(`${message}\nTry: loadtester --help`)
  }
}

export const help = `Usage: loadtester run SCRIPT [options]       a headless run on this machine
       loadtester standalone|master|worker   a service

Makes load by Artillery scripts (.yml, .json, .ts), on one machine or many.

loadtester run SCRIPT
  --target URL          where the load goes                      the script's config.target
  --rate N              N arrivals a second (open model)         the script's phases or shape
  --users N             N users at once (closed model)
  --spawn-rate N        users that begin a second                all at once
  --duration SECONDS    how long                                 as the script says
  --workers N           engine threads                           1
  --environment NAME    one of the script's config.environments
  --report FILE.html    writes a report with charts
  --json                prints the summary as one JSON object
  Exit code: 0; 1 when a bound of the script (ensure) is missed; 2 for a bad script, option or target.

loadtester standalone   master and worker in one process, with the web UI on PORT
loadtester master       REST, web UI and merged results on PORT; waits for workers
  --expect-workers N    LOAD_AUTOSTART waits for so many         1
loadtester worker       makes load for a master
  --master URL          the master, also LOAD_MASTER             http://127.0.0.1:8089

  --help, -h   this text            --version, -v   the version

Environment of the services
  LOAD_MODE          standalone, master or worker                   standalone
  TARGET_HOST        where the load goes                            http://127.0.0.1:8080
  LOAD_AUTOSTART     true: begin by itself                          false
  LOAD_SCRIPT        the script of the automatic start              scripts/default.yml: GET /
  LOAD_RATE          its arrivals a second                          the script's phases, over and over
  LOAD_SCRIPTS_DIR   where scripts are looked for                   the folder of LOAD_SCRIPT
  LOAD_ALLOWED_TARGETS  further targets, with commas                only TARGET_HOST
  LOAD_MASTER        worker: the master's URL                       http://127.0.0.1:8089
  LOAD_TOKEN, LOAD_TOKEN_FILE  the token of UI, REST and workers    made, kept in LOAD_STATE_DIR
  LOAD_STATE_DIR     history and the token                          ~/.local/state/node-to-cloud/loadtester
  LOAD_LEASE_SECONDS how long workers go on without a master        120
  LOAD_HTTP_ENGINE   undici, or artillery for Artillery's own       undici
  LOAD_MAX_SERIES    (method, name) pairs kept apart                200
  PORT, HOST         of UI and REST                                 8089, 127.0.0.1
  METRICS_PORT       of /metrics, /healthz, /readyz                 9103 (worker: 9104)
  WORKER_METRICS_PORT  standalone: of the worker's metrics          9104
  OTEL_TRACES_EXPORTER, OTEL_TRACES_SAMPLER, LOG_LEVEL, …           see the README
`

/** @throws UsageError for what is not allowed. */
export function parseCommandLine(args: readonly string[]): Command {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
  const { values, positionals } = parsed
  if (values.help === true) return { kind: 'help' }
  if (values.version === true) return { kind: 'version' }
  const [command, ...rest] = positionals
  if (command === 'run') return { kind: 'run', run: parseRun(values, rest) }
  if (rest.length > 0) throw new UsageError(`"${rest.join(' ')}" is one argument too many`)
  const mode = serviceModes.find((candidate) => candidate === command)
  if (command !== undefined && mode === undefined) {
    throw new UsageError(`"${command}" is no command of loadtester; there are run, ${serviceModes.join(', ')}`)
  }
  const used = Object.keys(values).filter((name) => values[name as keyof typeof values] !== undefined)
  const environment: Record<string, string> = {}
  for (const name of used) {
    if (name === 'expect-workers' && mode !== 'worker') environment.LOAD_EXPECT_WORKERS = String(values[name])
    else if (name === 'master' && mode === 'worker') environment.LOAD_MASTER = String(values[name])
    else throw new UsageError(`--${name} is no option of loadtester ${command ?? 'as a service'}`)
  }
  return { kind: 'service', mode, environment }
}

type Values = ReturnType<typeof parse>['values']

function parseRun(values: Values, positionals: readonly string[]): RunCommand {
  const [script, ...rest] = positionals
  if (script === undefined) throw new UsageError('run needs a script: loadtester run SCRIPT')
  if (rest.length > 0) throw new UsageError(`"${rest.join(' ')}" is one argument too many`)
  for (const name of ['master', 'expect-workers'] as const) {
    if (values[name] !== undefined) throw new UsageError(`--${name} is no option of loadtester run`)
  }
  if (values.rate !== undefined && values.users !== undefined) {
    throw new UsageError('--rate (open model) and --users (closed model) exclude each other')
  }
  if (values['spawn-rate'] !== undefined && values.users === undefined)
    throw new UsageError('--spawn-rate needs --users')
  if (
    values.target !== undefined &&
    !/^(https?|wss?):$/.test(URL.canParse(values.target) ? new URL(values.target).protocol : '')
  ) {
    throw new UsageError(`--target must be a URL such as http://127.0.0.1:8080, not "${values.target}"`)
  }
  return {
    script,
    target: values.target,
    environment: values.environment,
    rate: number(values.rate, '--rate', 0, 1_000_000),
    users: whole(values.users, '--users', 0, 1_000_000),
    spawnRate: number(values['spawn-rate'], '--spawn-rate', 0.001, 1_000_000),
    durationSeconds: number(values.duration, '--duration', 0.001, 86_400),
    workers: whole(values.workers, '--workers', 1, 64) ?? 1,
    reportFile: values.report,
    json: values.json === true,
  }
}

function number(text: string | undefined, option: string, minimum: number, maximum: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (!(value >= minimum && value <= maximum))
    throw new UsageError(`${option} must be a number from ${minimum} to ${maximum}, not "${text}"`)
  return value
}

function whole(text: string | undefined, option: string, minimum: number, maximum: number): number | undefined {
  const value = number(text, option, minimum, maximum)
  if (value !== undefined && !Number.isInteger(value))
    throw new UsageError(`${option} must be a whole number, not "${text}"`)
  return value
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
      target: { type: 'string' },
      rate: { type: 'string' },
      users: { type: 'string' },
      'spawn-rate': { type: 'string' },
      duration: { type: 'string' },
      workers: { type: 'string' },
      environment: { type: 'string', short: 'e' },
      report: { type: 'string' },
      json: { type: 'boolean' },
      master: { type: 'string' },
      'expect-workers': { type: 'string' },
    },
  })
}
