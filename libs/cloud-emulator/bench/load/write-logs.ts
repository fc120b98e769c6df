import { registry } from '../../src/protos/registry.ts'

/** Sends log records over OTLP as fast as they are accepted: those of a service that logs a line for each request. */
const [httpPort = '0'] = process.argv.slice(2)
const RECORDS = 500
const CONCURRENCY = 2

const request = registry.lookupType('opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest')
const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } })
const number = (key: string, intValue: number): object => ({ key, value: { intValue } })
const resource = {
  attributes: [text('service.name', 'flask-app'), text('gcp.project_id', 'demo-project'), text('host.name', 'h')],
}

function body(batch: number): Uint8Array<ArrayBuffer> {
  const now = BigInt(Date.now()) * 1_000_000n
  const logRecords = Array.from({ length: RECORDS }, (_, index) => {
    const traceId = Buffer.alloc(16)
    traceId.writeUInt32BE(batch, 0)
    traceId.writeUInt32BE(index + 1, 12)
    return {
      timeUnixNano: String(now + BigInt(index * 1000)),
      severityNumber: index % 50 === 0 ? 17 : 9,
      body: { stringValue: `request ${batch * RECORDS + index} completed` },
      attributes: [
        text('http.route', '/orders/:id'),
        number('http.response.status_code', 200),
        number('duration', index),
      ],
      traceId,
      spanId: traceId.subarray(8),
    }
  })
  return new Uint8Array(request.encode({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }).finish())
}

let batch = 0
async function send(): Promise<never> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${httpPort}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: body(batch++),
    })
    await answer.arrayBuffer()
  }
}

await Promise.all(Array.from({ length: CONCURRENCY }, send))
