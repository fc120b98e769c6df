import { parseArgs } from 'node:util'

/** The services, by their LOAD_MODE. */
export type ServiceMode = 'standalone'

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'service'; readonly mode: ServiceMode | undefined }

/** A command line that can't be used; the process exits with 2. */
export class UsageError extends Error {
  readonly code = 'ERR_USAGE'
  readonly exitCode = 2
}

export const help = `Usage: loadtester [standalone] [options]

Makes load by Artillery scripts.

  loadtester standalone    a load tester in one process (also LOAD_MODE=standalone)

  --help, -h               this text
  --version, -v            the version

Environment
  TARGET_HOST      where the load goes                      http://127.0.0.1:8080
  LOAD_AUTOSTART   true: begin by itself                    false
  LOAD_SCRIPT      an Artillery script                      GET /, as often as LOAD_RATE says
  LOAD_RATE        arrivals a second                        the rate of the script's first phase
  HOST             address to listen on                     127.0.0.1
  METRICS_PORT     port of /metrics, /healthz and /readyz   9103
  OTEL_TRACES_EXPORTER, OTEL_TRACES_SAMPLER, …              OpenTelemetry's own
`

/** @throws UsageError for what is not allowed. */
export function parseCommandLine(args: readonly string[]): Command {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args)
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\nTry: loadtester --help`)
  }
  if (parsed.values.help === true) return { kind: 'help' }
  if (parsed.values.version === true) return { kind: 'version' }
  const [mode, ...rest] = parsed.positionals
  if (rest.length > 0) throw new UsageError(`"${rest.join(' ')}" is one argument too many\nTry: loadtester --help`)
  if (mode !== undefined && mode !== 'standalone') {
    throw new UsageError(`"${mode}" is no command of loadtester; there is: standalone\nTry: loadtester --help`)
  }
  return { kind: 'service', mode }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
  })
}
