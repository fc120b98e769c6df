import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@node-to-cloud/bench'
import { findPeer } from '@node-to-cloud/peers'
import type { SeriesSamples } from '../../src/index.ts'
import { encodeWriteRequests } from './remote-write.ts'

/** A release of Prometheus that is installed. */
export interface Release {
  readonly name: '3.16' | '2.42'
  readonly program: string
  readonly features: readonly string[]
}

/** The Prometheus release that this package follows; undefined if it is not built. */
export function newestRelease(): Release | undefined {
  const program = findPeer('prometheus')
  const features = [
    'promql-experimental-functions',
    'promql-duration-expr',
    'promql-extended-range-selectors',
    'promql-binop-fill-modifiers',
  ]
  return program === undefined ? undefined : { name: '3.16', program, features }
}

/** Debian 12's Prometheus; undefined if neither it nor another build of that version is installed. */
export function debianRelease(): Release | undefined {
  const { stdout = '' } = spawnSync('prometheus', ['--version'], { encoding: 'utf8' })
  const isInstalled = /version 2\.42\./.test(stdout)
  return isInstalled ? { name: '2.42', program: 'prometheus', features: ['promql-at-modifier'] } : undefined
}

/** A Prometheus server that scrapes nothing and receives samples by remote write. */
export class RunningPrometheus {
  readonly url: string
  readonly process: ChildProcess
  readonly #folder: string
  #output = ''

  private constructor(url: string, process: ChildProcess, folder: string) {
    this.url = url
    this.process = process
    this.#folder = folder
    process.stderr?.on('data', (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-4000)
    })
  }

  static async start({ program, features }: Release, flags: readonly string[] = []): Promise<RunningPrometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'promql-'))
    writeFileSync(join(folder, 'prometheus.yml'), '{"global": {"evaluation_interval": "1m"}}')
    const port = await freePort()
    const args = [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--log.level=warn',
      ...(features.length > 0 ? [`--enable-feature=${features.join(',')}`] : []),
      ...flags,
    ]
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const prometheus = new RunningPrometheus(`http://127.0.0.1:${port}`, child, folder)
    try {
      await prometheus.#ready()
    } catch (error) {
      await prometheus.stop()
      throw error
    }
    return prometheus
  }

  async #ready(): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
      if (this.process.exitCode !== null) throw new Error(`Prometheus has exited:\n${this.#output}`)
      const isReady = await fetch(`${this.url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
      if (isReady) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`Prometheus is not ready:\n${this.#output}`)
  }

  /** Stores samples in order of time. */
  async write(series: readonly SeriesSamples[]): Promise<void> {
    for (const body of encodeWriteRequests(series)) {
      const response = await fetch(`${this.url}/api/v1/write`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          'x-prometheus-remote-write-version': '0.1.0',
        },
        body: new Uint8Array(body),
      })
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    }
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exited = once(this.process, 'exit')
      this.process.kill('SIGKILL')
      await exited
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
