import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'

/**
 * JavaScript of a browser module: what `tsc -b` emitted or, in the source tree, the TypeScript file without its types, so
 * that the browser needs no build.
 */
export async function readBrowserModule(file: URL): Promise<string> {
  const source = await readFile(file, 'utf8')
  return file.pathname.endsWith('.ts') ? stripTypes(source) : source
}

/** `stripTypeScriptTypes` without its warning: it is experimental, but Node itself uses it to run `.ts` files. */
function stripTypes(source: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source, { mode: 'strip' })
  } finally {
    process.emitWarning = emitWarning
  }
}
