import { parseArgs } from 'node:util'

/** How the emulator runs. */
export interface EmulatorConfig {
  readonly httpListenAddress: HostAndPort
  readonly allowedHosts: readonly string[]
  readonly grpcListenAddress: HostAndPort
  readonly grpcTlsListenAddress: HostAndPort
  readonly tlsDir: string | undefined
  readonly dashboardsDir: string | undefined
  readonly project: string
  readonly retentionSeconds: number
  readonly maxSeries: number
  readonly maxSpans: number
  readonly maxPointMegabytes: number
  readonly maxSpanMegabytes: number
  readonly logLevel: string
}

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

export type Command =
  | { readonly command: 'serve'; readonly config: EmulatorConfig }
  | { readonly command: 'tls'; readonly tlsDir: string; readonly project: string }
  | { readonly command: 'help' }
  | { readonly command: 'version' }

/** A command line that can't be used. The process ends with `exitCode`, 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'ERR_USAGE'
  readonly exitCode = 2
}

const OPTIONS = {
  'http.listen-address': { type: 'string' },
  'http.allowed-host': { type: 'string', multiple: true },
  'grpc.listen-address': { type: 'string' },
  'grpc-tls.listen-address': { type: 'string' },
  'tls-dir': { type: 'string' },
  dashboards: { type: 'string' },
  project: { type: 'string' },
  retention: { type: 'string' },
  'max-series': { type: 'string' },
  'max-spans': { type: 'string' },
  'max-point-megabytes': { type: 'string' },
  'max-span-megabytes': { type: 'string' },
  'log.level': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

export const HELP = `cloud-emulator: Google Cloud Monitoring, Dashboards and Cloud Trace on localhost

usage: cloud-emulator [options]
       cloud-emulator tls --tls-dir DIR     write DIR/ca.crt and DIR/credentials.json, and exit

  --http.listen-address HOST:PORT      web UI, REST, OTLP over HTTP, /metrics (127.0.0.1:8085)
  --http.allowed-host NAME             a public name that HTTP may be called by, beside addresses and private names; repeatable
  --grpc.listen-address HOST:PORT      gRPC, plaintext (127.0.0.1:8086)
  --grpc-tls.listen-address HOST:PORT  gRPC over TLS, only with --tls-dir (127.0.0.1:8087)
  --tls-dir DIR                        certificates and credentials for the TLS port; made where they are missing or old
  --dashboards DIR                     serve the dashboards of these *.json files
  --project ID                         project of the dashboards and of OTLP spans (GOOGLE_CLOUD_PROJECT or demo-project)
  --retention DURATION                 how long points and spans are kept, such as 90m or 6h (6h)
  --max-series N                       time series kept; beyond it those not written for the longest time go (50000)
  --max-spans N                        spans kept; beyond it the oldest traces go (100000)
  --max-point-megabytes N              memory for points; beyond it the oldest points go (512)
  --max-span-megabytes N               memory for spans; beyond it the oldest traces go (256)
  --log.level LEVEL                    ${LOG_LEVELS.join(', ')} (LOG_LEVEL or info)
  -h, --help  --version

HOST alone (environment) replaces 127.0.0.1 in the default addresses.
`

type Values = Partial<Record<keyof typeof OPTIONS, string | boolean | string[]>>

/** Reads the command line. Throws `UsageError` naming the option, its value and what is allowed. */
export function parseCommandLine(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  const { values, positionals } = parse(args)
  if (values.help) return { command: 'help' }
  if (values.version) return { command: 'version' }
  const [command, ...more] = positionals
  if (more.length > 0 || (command !== undefined && command !== 'tls')) {
    throw new UsageError(
      `"${positionals.join(' ')}" is not a command; the only one is "tls". See cloud-emulator --help.`,
    )
  }
  const project = projectId(text(values, 'project') ?? environment.GOOGLE_CLOUD_PROJECT ?? 'demo-project')
  const tlsDir = text(values, 'tls-dir')
  if (command === 'tls') {
    if (tlsDir === undefined)
      throw new UsageError('cloud-emulator tls needs --tls-dir DIR: where to write ca.crt and credentials.json.')
    return { command: 'tls', tlsDir, project }
  }
  const host = environment.HOST || '127.0.0.1'
  return {
    command: 'serve',
    config: {
      httpListenAddress: address(values, 'http.listen-address', { host, port: 8085 }),
      allowedHosts: hostNames(values, 'http.allowed-host'),
      grpcListenAddress: address(values, 'grpc.listen-address', { host, port: 8086 }),
      grpcTlsListenAddress: address(values, 'grpc-tls.listen-address', { host, port: 8087 }),
      tlsDir,
      dashboardsDir: text(values, 'dashboards'),
      project,
      retentionSeconds: durationSeconds(text(values, 'retention') ?? '6h'),
      maxSeries: integer(values, 'max-series', { fallback: 50_000, max: 1_000_000 }),
      maxSpans: integer(values, 'max-spans', { fallback: 100_000, max: 10_000_000 }),
      maxPointMegabytes: integer(values, 'max-point-megabytes', { fallback: 512, max: 65_536 }),
      maxSpanMegabytes: integer(values, 'max-span-megabytes', { fallback: 256, max: 65_536 }),
      logLevel: logLevel(text(values, 'log.level') ?? environment.LOG_LEVEL ?? 'info'),
    },
  }
}

function parse(args: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error} See cloud-emulator --help.`)
  }
}

function text(values: Values, option: keyof typeof OPTIONS): string | undefined {
  const value = values[option]
  if (value === '') throw new UsageError(`--${option} is empty.`)
  return typeof value === 'string' ? value : undefined
}

function address(values: Values, option: keyof typeof OPTIONS, fallback: HostAndPort): HostAndPort {
  const value = text(values, option)
  if (value === undefined) return fallback
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(value)
  const port = Number(match?.[3])
  if (!match || port > 65_535)
    throw new UsageError(
      `--${option} "${value}" can't be used; it must be HOST:PORT with a port from 0 to 65535, such as 127.0.0.1:8085.`,
    )
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port }
}

function hostNames(values: Values, option: keyof typeof OPTIONS): string[] {
  const names = values[option]
  return (Array.isArray(names) ? names : []).map((name) => {
    if (/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(name)) return name
    throw new UsageError(
      `--${option} "${name}" can't be used; it must be a host name without scheme and port, such as metrics.example.com.`,
    )
  })
}

function integer(values: Values, option: keyof typeof OPTIONS, options: { fallback: number; max: number }): number {
  const value = text(values, option)
  if (value === undefined) return options.fallback
  const number = Number(value)
  if (/^\d+$/.test(value) && number >= 1 && number <= options.max) return number
  throw new UsageError(`--${option} "${value}" can't be used; it must be a whole number from 1 to ${options.max}.`)
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

function durationSeconds(value: string): number {
  const match = /^(\d+)([smhd])$/.exec(value)
  const seconds = Number(match?.[1]) * (UNIT_SECONDS[match?.[2] ?? ''] ?? Number.NaN)
  if (seconds >= 60 && seconds <= 7 * 86_400) return seconds
  throw new UsageError(`--retention "${value}" can't be used; it must be from 60s to 7d, such as 90m or 6h.`)
}

function projectId(value: string): string {
  if (/^[A-Za-z0-9:._-]{1,100}$/.test(value)) return value
  throw new UsageError(
    `The project "${value}" can't be used; letters, digits, ":", ".", "_" and "-" are allowed, at most 100 (--project or GOOGLE_CLOUD_PROJECT).`,
  )
}

function logLevel(value: string): string {
  if (LOG_LEVELS.includes(value)) return value
  throw new UsageError(
    `The log level "${value}" can't be used; it must be one of ${LOG_LEVELS.join(', ')} (--log.level or LOG_LEVEL).`,
  )
}
