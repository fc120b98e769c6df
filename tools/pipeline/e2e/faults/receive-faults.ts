/**
 * A preload for all processes of the pipeline: at SIGUSR2 a process begins the faults that the file with its number in
 * `FAULTS_DIR` names, and ends all others.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BroadcastChannel, isMainThread } from 'node:worker_threads'
import { FAULT_THREADS, FAULTS, type FaultName, watchIntervals } from './faults.ts'

const thread = isMainThread ? 'main' : 'worker'
const ends = new Map<string, () => void>()
const threads = new BroadcastChannel('faults')
threads.unref()
threads.onmessage = ({ data }: MessageEvent) => applyFaults(data)
if (isMainThread) {
  watchIntervals()
  process.on('SIGUSR2', () => {
    const names: readonly FaultName[] = JSON.parse(
      readFileSync(join(process.env.FAULTS_DIR ?? '', String(process.pid)), 'utf8'),
    )
    applyFaults(names)
    threads.postMessage(names)
  })
}

function applyFaults(names: readonly FaultName[]): void {
  for (const [name, end] of ends) {
    if (names.some((one) => one === name)) continue
    end()
    ends.delete(name)
  }
  for (const name of names) if (FAULT_THREADS[name] === thread && !ends.has(name)) ends.set(name, FAULTS[name]())
}
