import type { IncomingHttpHeaders } from 'node:http'

/** The messages of remote_write, by their names in the content type. */
const MESSAGES: ReadonlyMap<string, 1 | 2> = new Map([
  ['prometheus.WriteRequest', 1],
  ['io.prometheus.write.v2.Request', 2],
])

/** What the headers of a request say about its body: the version of its message, or why (415) it can't be read. */
export function readProtocol(headers: IncomingHttpHeaders): { readonly version: 1 | 2 } | { readonly refusal: string } {
  const contentType = headers['content-type'] ?? ''
  const { type, message = 'prometheus.WriteRequest' } = readContentType(contentType)
  if (type !== 'application/x-protobuf') {
    return { refusal: `the content type must be application/x-protobuf, not ${contentType || 'missing'}` }
  }
  const version = MESSAGES.get(message)
  if (version === undefined) {
    return { refusal: `the message must be ${[...MESSAGES.keys()].join(' or ')}, not ${message}` }
  }
  const encoding = headers['content-encoding'] ?? ''
  if (encoding.toLowerCase() !== 'snappy') {
    return { refusal: `the content encoding must be snappy, not ${encoding || 'missing'}` }
  }
  return { version }
}

/** Splits `application/x-protobuf;proto=prometheus.WriteRequest`; the message is undefined if there is no `proto`. */
function readContentType(header: string): { readonly type: string; readonly message?: string } {
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim())
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=', 2)
    if (name.trim().toLowerCase() === 'proto') {
      return { type: type.toLowerCase(), message: value.trim().replace(/^"(.*)"$/, '$1') }
    }
  }
  return { type: type.toLowerCase() }
}

/** How much of a request was written, as reported in the response. */
export interface Written {
  readonly samples: number
  readonly histograms: number
  readonly exemplars: number
}

/** The headers of a response to a 2.0 request. */
export function writtenHeaders({ samples, histograms, exemplars }: Written): Readonly<Record<string, string>> {
  return {
    'X-Prometheus-Remote-Write-Samples-Written': String(samples),
    'X-Prometheus-Remote-Write-Histograms-Written': String(histograms),
    'X-Prometheus-Remote-Write-Exemplars-Written': String(exemplars),
  }
}
