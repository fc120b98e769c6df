import { setTimeout } from 'node:timers/promises'
import { IDENTITY } from '../src/identity.ts'

interface V1Span {
  readonly spanId: string
  readonly parentSpanId?: string
  readonly kind?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** Services send their spans every 5 s, each at its own time. */
const PATIENCE_MS = 20_000

/** Resolves once a request is stored as one trace of both services: a CLIENT span of the load tester is the parent of a SERVER span of flask-app. */
export async function untilOneTrace(emulatorUrl: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while ((await requestsInOneTrace(emulatorUrl)) === 0) {
    if (performance.now() > deadline) throw new Error("no span of flask-app belongs to the load's traces")
    await setTimeout(500)
  }
}

async function requestsInOneTrace(emulatorUrl: string): Promise<number> {
  const path = `/v1/projects/${IDENTITY.projectId}/traces?view=COMPLETE&pageSize=200`
  const response = await fetch(new URL(path, emulatorUrl))
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  const { traces = [] } = (await response.json()) as { traces?: { spans: V1Span[] }[] }
  const isOf = (span: V1Span, service: string) => span.labels?.['service.name'] === service
  return traces.filter(({ spans }) => {
    const client = spans.find((span) => isOf(span, 'loadtester') && span.kind === 'RPC_CLIENT')
    return spans.some(
      (span) => isOf(span, 'flask-app') && span.kind === 'RPC_SERVER' && span.parentSpanId === client?.spanId,
    )
  }).length
}
