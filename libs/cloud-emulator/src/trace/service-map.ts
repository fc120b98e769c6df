import type { ServiceLink, ServiceMap, ServiceNode } from '../contract/traces.ts'
import type { Span } from './span.ts'
import type { ProjectTraces, Trace } from './span-store.ts'

/** More than a page can show; the ones with the most calls are kept. */
const MAX_LINKS = 500

/** The peer of a span that sends no spans of its own, by OpenTelemetry's attributes, old and new. */
const PEERS = [
  'peer.service',
  'db.system.name',
  'db.system',
  'messaging.system',
  'rpc.system',
  'server.address',
  'net.peer.name',
]
const CALLS: ReadonlySet<string> = new Set(['CLIENT', 'PRODUCER'])

interface Tally {
  calls: number
  errors: number
  durationMs: number
}

/** Which services call each other in an interval: services by their spans, and peers that send no spans. */
export function serviceMap(
  project: ProjectTraces | undefined,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): ServiceMap {
  const nodes = new Map<string, Tally & { isService: boolean }>()
  const links = new Map<string, Tally & { from: string; to: string }>()
  const addNode = (name: string, isService: boolean, span: Span): void => {
    const node = nodes.get(name) ?? { calls: 0, errors: 0, durationMs: 0, isService }
    node.isService ||= isService
    nodes.set(name, add(node, span))
  }
  const addLink = (from: string, to: string, span: Span): void => {
    const key = JSON.stringify([from, to])
    links.set(key, add(links.get(key) ?? { calls: 0, errors: 0, durationMs: 0, from, to }, span))
  }
  for (const trace of project?.traces.values() ?? []) {
    if (trace.startMicros / 1000 > endMs || trace.endMicros / 1000 < startMs) continue
    for (const { span, parent, hasRemoteChild } of withParents(trace)) {
      const isEntry = parent === undefined || parent.service !== span.service
      if (isEntry) addNode(span.service, true, span)
      if (parent !== undefined && isEntry) addLink(parent.service, span.service, span)
      const peer = CALLS.has(span.kind) && !hasRemoteChild ? peerOf(span) : undefined
      if (peer !== undefined && peer !== span.service) {
        addNode(peer, false, span)
        addLink(span.service, peer, span)
      }
    }
  }
  const busiest = [...links.values()].sort((a, b) => b.calls - a.calls).slice(0, MAX_LINKS)
  return {
    services: [...nodes].map(([name, { isService, ...tally }]): ServiceNode => ({ name, isService, ...means(tally) })),
    links: busiest.map(({ from, to, ...tally }): ServiceLink => ({ from, to, ...means(tally) })),
  }
}

function* withParents({ spans }: Trace): Generator<{ span: Span; parent: Span | undefined; hasRemoteChild: boolean }> {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const answered = new Set<string>()
  for (const span of spans) {
    const parent = byId.get(span.parentSpanId)
    if (parent !== undefined && parent.service !== span.service) answered.add(parent.spanId)
  }
  for (const span of spans) {
    const parent = byId.get(span.parentSpanId)
    yield { span, parent: parent === span ? undefined : parent, hasRemoteChild: answered.has(span.spanId) }
  }
}

function peerOf({ attributes }: Span): string | undefined {
  for (const key of PEERS) {
    const value = attributes[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

function add<T extends Tally>(tally: T, span: Span): T {
  tally.calls++
  if (span.status.code !== 0) tally.errors++
  tally.durationMs += (span.endMicros - span.startMicros) / 1000
  return tally
}

function means({ calls, errors, durationMs }: Tally): { calls: number; errors: number; meanMs: number } {
  return { calls, errors, meanMs: durationMs / calls }
}
