import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { fastifyTelemetry } from '../src/fastify/plugin.ts'
import { type Recording, startRecording, TEST_METRICS } from './recording.ts'

/** A Fastify service that listens, and what it records. */
export interface ListeningService extends Recording {
  readonly app: FastifyInstance
  readonly port: number
  readonly url: string
}

/** Starts a service with the plugin. */
export async function listening(
  prepare: (app: FastifyInstance) => void,
  app: FastifyInstance = Fastify(),
): Promise<ListeningService> {
  const recording = await startRecording()
  await app.register(fastifyTelemetry, { telemetry: recording.telemetry, metrics: TEST_METRICS })
  app.get('/', async () => 'hello')
  prepare(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return { app, port, url: `http://127.0.0.1:${port}`, ...recording }
}

/** An instance that speaks HTTP/2; its type depends on the kind of its server, but what is used of it is the same. */
export function http2Instance(): FastifyInstance {
  return Fastify({ http2: true }) as unknown as FastifyInstance
}

/** Waits until there are this many log lines. @returns each as its severity and message */
export async function untilLines(recording: Recording, count: number): Promise<string[]> {
  const deadline = performance.now() + 30_000
  while (recording.lines().length < count) {
    if (performance.now() > deadline) assert.fail(`timed out waiting for ${count} lines`)
    await setTimeout(5)
  }
  return recording.lines().map(({ severity, message }) => `${severity} ${message}`)
}
