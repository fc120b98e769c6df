import { statSync } from 'node:fs'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { boolean, keyValuePairs, oneOf, valueType } from '@node-to-cloud/command-line'

/** The values of OTEL_EXPORTER_OTLP_PROTOCOL; OTLP over gRPC is not supported. */
export const OTLP_PROTOCOLS = ['http/protobuf', 'http/json'] as const

const MAX_TIMEOUT_MS = 3_600_000
/** The maximum of Node's timers, 24 days. */
const NO_LIMIT_MS = 2 ** 31 - 1

/**
 * The three TLS variables of an OTLP exporter, and the compression, for all signals (`''`) or one (`_TRACES`);
 * OpenTelemetry's exporter reads them itself.
 */
export function transport<const Signal extends string>(signal: Signal) {
  const of = <const Name extends string>(name: Name) => `OTEL_EXPORTER_OTLP${signal}_${name}` as const
  return {
    [of('COMPRESSION')]: oneOf(['gzip', 'none'], { help: 'Compression of OTLP' }),
    [of('CERTIFICATE')]: existingFile({ help: 'CA certificates to verify the OTLP collector with' }),
    [of('CLIENT_CERTIFICATE')]: existingFile({ help: 'Client certificate for the OTLP collector' }),
    [of('CLIENT_KEY')]: existingFile({ help: 'Private key of that certificate' }),
    // It is for gRPC, whose endpoints may have no scheme.
    [of('INSECURE')]: boolean({ help: 'No effect over HTTP, where the scheme of the endpoint decides' }),
  } as const
}

/** Milliseconds; 0 means no limit, as OpenTelemetry specifies for timeouts, and is read as the maximum. */
export function timeout<Default extends number | undefined = undefined>(options: {
  readonly default?: Default
  readonly help: string
}) {
  return valueType<number, Default>(
    `a whole number from 0 to ${MAX_TIMEOUT_MS} (0: no limit)`,
    (text) => {
      const parsed = /^\d+$/.test(text) ? Number(text) : Number.NaN
      if (!(parsed <= MAX_TIMEOUT_MS)) return undefined
      return parsed === 0 ? NO_LIMIT_MS : parsed
    },
    { placeholder: 'MS', ...options },
  )
}

/** Headers for a collector. Any that HTTP can't send would fail each request. */
export function headers(options: { readonly help: string }): ReturnType<typeof keyValuePairs> {
  const pairs = keyValuePairs({ ...options, secret: true })
  return {
    ...pairs,
    allowed: `${pairs.allowed}, that HTTP can send as headers`,
    parse: (text) => {
      const parsed = pairs.parse(text)
      return parsed !== undefined && Object.entries(parsed).every(isHeader) ? parsed : undefined
    },
  }
}

function isHeader([name, value]: readonly [string, string]): boolean {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}

function existingFile(options: { readonly help: string }) {
  return valueType<string>(
    'the path of a file that can be read',
    (path) => (statSync(path, { throwIfNoEntry: false })?.isFile() ? path : undefined),
    { placeholder: 'FILE', ...options },
  )
}
