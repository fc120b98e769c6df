import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import { RpcError } from './api/rpc-error.ts'

/** Thrown if the folder of an option can't be read. The process exits with `exitCode`. */
class JsonFolderError extends Error {
  override readonly name = 'JsonFolderError'
  readonly code = 'ERR_JSON_FOLDER'
  readonly exitCode = 2
}

/** The files to load. */
export interface JsonFolder {
  readonly directory: string
  /** Such as `--dashboards`. */
  readonly option: string
  /** The contents of the files, such as `dashboards`. */
  readonly contents: string
}

/**
 * Passes the JSON of every `*.json` file in a folder to `load`, in order of their names, with the file's name as ID.
 * Returns which could not be loaded, and why.
 */
export async function loadJsonFolder(folder: JsonFolder, load: (json: unknown, id: string) => void): Promise<string[]> {
  const problems: string[] = []
  for (const file of (await listFiles(folder)).filter((name) => name.endsWith('.json')).sort()) {
    try {
      load(JSON.parse(await readFile(join(folder.directory, file), 'utf8')), basename(file, '.json'))
    } catch (error) {
      if (!(error instanceof RpcError) && !(error instanceof SyntaxError)) throw error
      problems.push(`${file}: ${error.message}`)
    }
  }
  return problems
}

async function listFiles({ directory, option, contents }: JsonFolder): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (cause) {
    throw new JsonFolderError(
      `${option} "${directory}" can't be used; it must be a folder with ${contents} as *.json files (${messageOf(cause)})`,
      { cause },
    )
  }
}
