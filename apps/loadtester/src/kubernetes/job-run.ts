import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf } from '@node-to-cloud/command-line'
import type { FinishedRun } from '../headless/output-files.ts'
import { decodeBundle } from '../headless/result-bundle.ts'
import { asRecord } from '../script/plain-object.ts'
import { type JobSettings, MASTER_CONTAINER, masterJob, masterLabels, otherObjects } from './job-manifests.ts'
import { type Kubectl, KubectlError } from './kubectl.ts'
import { podStateOf } from './pod-state.ts'

/** A load test in a cluster could not be run to its end. */
export class JobError extends Error {
  readonly code = 'ERR_JOB'
}

/** How a load test in a cluster ended. */
export interface JobEnd {
  readonly exitCode: number
  /** Undefined if the test ended without results. */
  readonly finished: FinishedRun | undefined
}

export interface JobRunOptions {
  readonly kubectl: Kubectl
  readonly settings: JobSettings
  /** Receives the test's output while it runs, line by line. */
  readonly log: (line: string) => void
  /** Aborted by a signal: the test is stopped, and its results are still waited for. */
  readonly signal: AbortSignal
  /** Leaves all objects in the cluster. */
  readonly keep: boolean
}

const POLL_MS = 1000
/** How long the pod may take to start: a node may have to be added, an image to be pulled. */
const START_MS = 600_000

/**
 * Runs a load test in a cluster: creates its objects, waits for its results, and deletes them.
 *
 * @throws KubectlError, or JobError if its pod can't start
 */
export async function runJob(options: JobRunOptions): Promise<JobEnd> {
  const { kubectl, settings, keep, log } = options
  const { name } = settings
  try {
    await createObjects(kubectl, settings)
    return await follow(options)
  } finally {
    const left = keep ? undefined : await deleteJob(kubectl, name)
    if (left !== undefined) log(`What is left of ${name} could not be deleted: ${left}`)
  }
}

async function createObjects(kubectl: Kubectl, settings: JobSettings): Promise<void> {
  const { name } = settings
  const job = asRecord(await kubectl.json(['create', '-f', '-'], masterJob(settings)))
  const { uid } = asRecord(job?.metadata) ?? {}
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name, uid, blockOwnerDeletion: true }
  await kubectl.call(['create', '-f', '-'], listOf(otherObjects(settings, [owner])))
  await kubectl.call(['patch', 'job', name, '--type=merge', '--patch', '{"spec":{"suspend":false}}'])
}

/** Objects as a single list for kubectl. */
export function listOf(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', items }
}

async function follow({ kubectl, settings, log, signal }: JobRunOptions): Promise<JobEnd> {
  const pod = await waitForPod(kubectl, settings.name, log, signal)
  const stop = (): void => {
    log('Stopping the test; its results come at its end.')
    kubectl.call(['delete', 'pod', pod, '--wait=false']).catch((error: unknown) => log(messageOf(error)))
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  let finished: FinishedRun | undefined
  let seen = 0
  for (;;) {
    const skipped = seen
    let line = 0
    await readLog(kubectl, pod, (text) => {
      if (++line <= skipped) return
      seen++
      const results = decodeBundle(text)
      if (results === undefined) log(text)
      else finished = results
    })
    if (finished !== undefined) return { exitCode: finished.report.exitCode, finished }
    const state = podStateOf(await kubectl.json(['get', 'pods', '--selector', selectorOf(settings.name)]))
    if (state.is === 'ended') return { exitCode: state.exitCode === 0 ? 1 : state.exitCode, finished }
    if (state.is === 'waiting') throw new JobError(`the pod of the test is gone: ${state.why}`)
    await pause(POLL_MS)
  }
}

async function waitForPod(
  kubectl: Kubectl,
  name: string,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const deadline = performance.now() + START_MS
  let said = ''
  for (;;) {
    const state = podStateOf(await kubectl.json(['get', 'pods', '--selector', selectorOf(name)]))
    if (state.is === 'started' || state.is === 'ended') return state.pod
    if (state.is === 'stuck') throw new JobError(`the pod of the test can't start: ${state.why}`)
    if (performance.now() > deadline) throw new JobError(`the pod of the test has not started: ${state.why}`)
    if (signal.aborted) throw new JobError('interrupted before the test began')
    if (state.why !== said) log(`Waiting: ${state.why}`)
    said = state.why
    await pause(POLL_MS)
  }
}

/** Follows the log of a pod to its end, or until the connection breaks. */
async function readLog(kubectl: Kubectl, pod: string, onLine: (line: string) => void): Promise<void> {
  const child = kubectl.stream(['logs', '--follow', pod, '--container', MASTER_CONTAINER])
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(new KubectlError("kubectl can't be run", { cause: error })))
    child.once('close', () => resolve())
  })
  child.stderr?.resume()
  if (child.stdout !== null) for await (const line of createInterface({ input: child.stdout })) onLine(line)
  await ended
}

function selectorOf(name: string): string {
  return Object.entries(masterLabels(name))
    .map(([label, value]) => `${label}=${value}`)
    .join(',')
}

/** @returns what went wrong. */
async function deleteJob(kubectl: Kubectl, name: string): Promise<string | undefined> {
  try {
    await kubectl.call(['delete', 'job', name, '--ignore-not-found', '--cascade=foreground', '--timeout=120s'])
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
