import {
  duration,
  flag,
  type InvocationOf,
  integer,
  type ProgramSpec,
  packageVersion,
  readCommandLine,
  UsageError,
} from '@node-to-cloud/command-line'

/** What `start` and `verify` were asked for. */
export interface PipelineOptions {
  readonly command: 'start' | 'verify'
  /** Print one JSON object instead of text (`verify`). */
  readonly json: boolean
  /** How long `verify` waits for the last metric type and trace. */
  readonly timeoutSeconds: number
  /** A real Prometheus from PATH scrapes and remote-writes. */
  readonly prometheus: boolean
  /** The services send metrics, traces and logs by OTLP; neither Prometheus nor the sidecar runs. */
  readonly otlp: boolean
  /** Added to every port. */
  readonly portOffset: number
  /** How many points the sidecar keeps while the emulator is unavailable, where it scrapes itself. */
  readonly bufferPoints: number
  /** How often the sidecar compares what it stored with the database of a real Prometheus. */
  readonly auditEveryMs: number
}

const SHARED_OPTIONS = {
  prometheus: flag({ help: 'A real Prometheus from PATH scrapes and remote-writes; without it the sidecar scrapes' }),
  otlp: flag({ help: 'Services send metrics, traces and logs by OTLP; without Prometheus and the sidecar' }),
  'port-offset': integer({
    min: 0,
    max: 50_000,
    default: 0,
    help: 'Added to every port, to run beside another pipeline',
  }),
  'buffer-points': integer({
    min: 1,
    max: 100_000_000,
    default: 500_000,
    help: 'Points that the sidecar keeps while the emulator is unavailable; beyond that, the oldest are dropped',
  }),
  'audit-every': duration({
    min: 1000,
    max: 24 * 3_600_000,
    default: 300_000,
    help: 'How often the sidecar compares what it stored with the database of Prometheus, with --prometheus',
  }),
} as const

const PROGRAM = {
  name: 'pipeline',
  version: packageVersion(import.meta.url),
  summary: 'The whole pipeline on this machine: services, load, metrics, traces and an emulated cloud',
  commands: {
    start: { calledAs: 'npm start --', summary: 'Run the whole pipeline until Ctrl-C', options: SHARED_OPTIONS },
    verify: {
      calledAs: 'npm run verify --',
      summary: 'Run the whole pipeline until every expected metric type and trace is stored',
      options: {
        json: flag({ help: 'Print one JSON object' }),
        timeout: duration({
          bareSeconds: true,
          min: 5_000,
          max: 3_600_000,
          default: 120_000,
          help: 'How long to wait for all of them',
        }),
        ...SHARED_OPTIONS,
      },
      details: 'Exit code: 0 once all of them are stored; 1 if something is missing; 2 for a bad option.',
    },
  },
} as const satisfies ProgramSpec

/**
 * Reads the command line of `npm start` and `npm run verify`.
 *
 * @param args - the words after the program's name
 * @returns the options, or the text that `--help` or `--version` asked for
 * @throws {UsageError} naming every option that can't be used
 */
export function readOptions(args: readonly string[]): PipelineOptions | string {
  const line = readCommandLine(PROGRAM, args)
  return line.kind === 'information' ? line.text : optionsOf(line)
}

function optionsOf(line: InvocationOf<typeof PROGRAM>): PipelineOptions {
  const {
    prometheus,
    otlp,
    'port-offset': portOffset,
    'buffer-points': bufferPoints,
    'audit-every': auditEveryMs,
  } = line.options
  if (prometheus && otlp) {
    throw new UsageError('--prometheus and --otlp are mutually exclusive: with --otlp nothing is scraped', {
      command: line.command === 'start' ? 'npm start --' : 'npm run verify --',
    })
  }
  const verify = line.command === 'verify' ? line.options : { json: false, timeout: 120_000 }
  return {
    command: line.command,
    json: verify.json,
    timeoutSeconds: verify.timeout / 1000,
    prometheus,
    otlp,
    portOffset,
    bufferPoints,
    auditEveryMs,
  }
}
