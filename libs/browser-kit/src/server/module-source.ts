import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'

/** A string to serve, with its ETag. */
export interface ServedText {
  readonly text: string
  readonly etag: string
}

/** A string with the ETag of its content. */
export function servedText(text: string): ServedText {
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
}

/** A module as JavaScript, and its source on disk. */
export interface SourceText {
  readonly script: string
  readonly source: string
}

const known = new Map<string, { mtimeMs: number; module: SourceText }>()

/**
 * Reads a module; returns the same object until the file is edited. Types are stripped from TypeScript, and its lines
 * stay the same, so that no build step is needed in the repository. A published package contains the output of `tsc
 * -b`.
 */
export async function readModule(file: string): Promise<SourceText> {
  const { mtimeMs } = await stat(file)
  const before = known.get(file)
  if (before?.mtimeMs === mtimeMs) return before.module
  const source = await readFile(file, 'utf8')
  const module = { source, script: file.endsWith('.ts') ? stripTypes(source) : source }
  known.set(file, { mtimeMs, module })
  return module
}

/**
 * Whether a module is unchanged on disk since it was read. Synchronous: a hundred files take less than a millisecond.
 */
export function isCurrent(file: string, module: SourceText): boolean {
  const before = known.get(file)
  return before?.module === module && statSync(file, { throwIfNoEntry: false })?.mtimeMs === before.mtimeMs
}

/** Strips types without Node's warning that this function is experimental: Node itself uses it to run `.ts` files. */
function stripTypes(source: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source, { mode: 'strip' })
  } finally {
    process.emitWarning = emitWarning
  }
}
