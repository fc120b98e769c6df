import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import { isJsonObject } from '../model/json-object.ts'
import { hasCode } from '../state/state-file-error.ts'
import { type LeaseRecord, type LeaseStore, LeaseStoreError, type StoredLease } from './lease-record.ts'

const NAME = /^lease\.(\d{1,15})$/

/**
 * A lease in a folder that all sidecars share. Each version is a file of its own, which is created as a hard link: only
 * one process can create it, on any local file system and on NFS, and no lock can be left behind.
 */
export class FileLease implements LeaseStore {
  readonly name: string
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    this.name = `file:${folder}`
  }

  async read(): Promise<StoredLease | undefined> {
    return this.#reporting(async () => {
      // The file may be replaced between the two calls.
      for (let attempt = 0; attempt < 10; attempt++) {
        const version = await this.#newestVersion()
        if (version === 0) return undefined
        const text = await readFile(this.#fileOf(version), 'utf8').catch((error: unknown) => {
          if (hasCode(error, 'ENOENT')) return undefined
          throw error
        })
        if (text !== undefined) return { record: parseRecord(text), version: String(version) }
      }
      throw new LeaseStoreError('it changes faster than it can be read')
    })
  }

  async write(record: LeaseRecord, version: string | undefined): Promise<boolean> {
    return this.#reporting(async () => {
      await mkdir(this.#folder, { recursive: true })
      const next = Number(version ?? 0) + 1
      const draft = join(this.#folder, `draft.${randomUUID()}`)
      try {
        await writeFile(draft, JSON.stringify(record), { flush: true })
        await link(draft, this.#fileOf(next))
      } catch (error) {
        if (hasCode(error, 'EEXIST')) return false
        throw error
      } finally {
        await rm(draft, { force: true })
      }
      if ((await this.#newestVersion()) > next) {
        // Meanwhile, others have moved on and removed this version before it was created again.
        await rm(this.#fileOf(next), { force: true })
        return false
      }
      await this.#removeBefore(next)
      return true
    })
  }

  close(): void {}

  async #newestVersion(): Promise<number> {
    return Math.max(0, ...(await this.#versions()))
  }

  async #versions(): Promise<number[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return []
      throw error
    })
    return names.flatMap((name) => {
      const version = NAME.exec(name)?.[1]
      return version === undefined ? [] : [Number(version)]
    })
  }

  async #removeBefore(version: number): Promise<void> {
    for (const older of await this.#versions()) {
      if (older < version) await rm(this.#fileOf(older), { force: true })
    }
  }

  #fileOf(version: number): string {
    return join(this.#folder, `lease.${version}`)
  }

  async #reporting<Result>(act: () => Promise<Result>): Promise<Result> {
    try {
      return await act()
    } catch (cause) {
      if (cause instanceof LeaseStoreError) throw cause
      throw new LeaseStoreError(messageOf(cause), { cause })
    }
  }
}

function parseRecord(text: string): LeaseRecord {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new LeaseStoreError('the lease is not JSON; remove the files lease.* while no sidecar is running', { cause })
  }
  if (!isJsonObject(value) || typeof value.holder !== 'string') throw new LeaseStoreError('the lease has no holder')
  const numberOf = (name: Exclude<keyof LeaseRecord, 'holder'>): number => {
    const number = value[name]
    if (typeof number !== 'number') throw new LeaseStoreError(`the lease has no ${name}`)
    return number
  }
  return {
    holder: value.holder,
    durationMs: numberOf('durationMs'),
    acquiredMs: numberOf('acquiredMs'),
    renewedMs: numberOf('renewedMs'),
    transitions: numberOf('transitions'),
    writesFromMs: numberOf('writesFromMs'),
    writesUntilMs: numberOf('writesUntilMs'),
  }
}
