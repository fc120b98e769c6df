import { GCProfiler } from 'node:v8'
import { Counter, Gauge, type Registry } from './client.ts'

/** The Python generation of each kind of V8 collection, by its name in the profiler. */
const GENERATIONS: Readonly<Record<string, string>> = {
  Scavenge: '0',
  MinorMarkSweep: '0',
  MinorMarkCompact: '0',
  IncrementalMarking: '1',
  ProcessWeakCallbacks: '1',
  MarkSweepCompact: '2',
}

/** The profiler keeps a few kilobytes per collection until it is read. */
const DRAIN_INTERVAL_MS = 5_000

/**
 * Registers metrics of Node's runtime under the names of Python's client, so that dashboards for a Python service keep
 * working.
 *
 * | name | what it counts here |
 * |---|---|
 * | `python_info` | 1, with `implementation="Node.js"` and the version |
 * | `python_gc_collections_total{generation}` | collections: 0 scavenge, 1 incremental and weak callbacks, 2 mark-sweep-compact |
 * | `python_gc_objects_collected_total{generation}` | bytes freed: V8 counts bytes, not objects |
 * | `python_gc_objects_uncollectable_total{generation}` | 0: V8 has none |
 *
 * @returns a function that stops the profiler
 */
export function registerPythonAliases(registry: Registry): () => void {
  registerPythonInfo(registry)
  const registers = [registry]
  const labelNames = ['generation']
  const collections = new Counter({
    name: 'python_gc_collections_total',
    help: 'Number of times this generation was collected: 0 scavenge, 1 incremental and weak callbacks, 2 mark-sweep-compact',
    labelNames,
    registers,
    collect: () => profile.drain(),
  })
  const collected = new Counter({
    name: 'python_gc_objects_collected_total',
    help: 'Bytes freed during gc: V8 counts bytes, not objects',
    labelNames,
    registers,
  })
  const uncollectable = new Counter({
    name: 'python_gc_objects_uncollectable_total',
    help: 'Uncollectable objects found during gc: V8 leaves none',
    labelNames,
    registers,
  })
  for (const generation of ['0', '1', '2']) {
    for (const counter of [collections, collected, uncollectable]) counter.inc({ generation }, 0)
  }
  const profile = profileCollections((generation, freedBytes) => {
    collections.inc({ generation })
    collected.inc({ generation }, freedBytes)
  })
  return profile.stop
}

function registerPythonInfo(registry: Registry): void {
  const version = process.versions.node
  const [major = '', minor = '', patchlevel = ''] = version.split('.')
  const labels = { implementation: 'Node.js', major, minor, patchlevel, version }
  new Gauge({
    name: 'python_info',
    help: 'The runtime of this service, under the name that dashboards for Python use',
    labelNames: Object.keys(labels),
    registers: [registry],
    aggregator: 'first',
  }).set(labels, 1)
}

/** Profiles the garbage collector and reports its collections every few seconds and when `drain` is called. */
function profileCollections(onCollection: (generation: string, freedBytes: number) => void): {
  drain(): void
  stop(): void
} {
  let profiler = new GCProfiler()
  const read = () => {
    const statistics = profiler.stop()?.statistics ?? []
    for (const { gcType, beforeGC, afterGC } of statistics) {
      const freedBytes = beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize
      onCollection(GENERATIONS[gcType] ?? '2', Math.max(0, freedBytes))
    }
  }
  const drain = () => {
    read()
    profiler = new GCProfiler()
    profiler.start()
  }
  profiler.start()
  const timer = setInterval(drain, DRAIN_INTERVAL_MS).unref()
  return {
    drain,
    stop() {
      clearInterval(timer)
      read()
    },
  }
}
