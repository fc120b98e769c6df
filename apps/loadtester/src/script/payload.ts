import { dirname, resolve } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import parseCsv from 'csv-parse/lib/sync.js'
import type { PayloadSpec, ScriptConfig } from '../artillery/script-document.ts'
import { readText } from './files/script-file.ts'
import type { ScriptFiles } from './files/script-files.ts'
import { asRecord } from './plain-object.ts'
import { ScriptError } from './script-error.ts'

/**
 * Reads the CSV files of `config.payload` and puts their rows into it.
 *
 * @param files takes the files' text.
 * @throws ScriptError
 */
export async function readPayloads(config: ScriptConfig, scriptPath: string, files: ScriptFiles): Promise<void> {
  if (config.payload === undefined || config.payload === null) return
  const payloads: PayloadSpec[] = [config.payload].flat()
  for (const [index, payload] of payloads.entries())
    await readPayload(payload, scriptPath, files, `config.payload[${index}]`)
  config.payload = payloads
}

/** Whether each virtual user gets the row after that of the one before. */
export function isSequential({ order }: PayloadSpec): boolean {
  return order === 'sequence'
}

/** Rows of the longest file that is read in sequence; 0 if there is none. */
export function sequentialRows({ payload }: ScriptConfig): number {
  return Math.max(0, ...(payload ?? []).filter(isSequential).map(({ data = [] }) => data.length))
}

async function readPayload(payload: PayloadSpec, scriptPath: string, files: ScriptFiles, name: string): Promise<void> {
  const field = `${name}.path`
  if (typeof payload.path !== 'string') throw ScriptError.at(field, 'must name a CSV file')
  payload.path = resolve(dirname(scriptPath), payload.path)
  const source = await readText(payload.path, files, field, field)
  try {
    payload.data = parseCsv(source, {
      skip_empty_lines: payload.skipEmptyLines !== false,
      cast: payload.cast !== false,
      from_line: payload.skipHeader === true ? 2 : 1,
      delimiter: typeof payload.delimiter === 'string' ? payload.delimiter : ',',
      ...asRecord(payload.options),
    })
  } catch (error) {
    throw new ScriptError(`${field}: ${messageOf(error)}`, { field, cause: error })
  }
  if (payload.fields === undefined && payload.loadAll !== true)
    throw ScriptError.at(`${name}.fields`, 'must name the columns')
}
