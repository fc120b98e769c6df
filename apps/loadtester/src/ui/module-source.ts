import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'

/**
 * JavaScript of a browser module: what `tsc -b` emitted, or in the repository the TypeScript file with its types blanked
 * out, so that no build stands between an editor and the browser.
 */
export async function readBrowserModule(file: URL): Promise<string> {
  const source = await readFile(file, 'utf8')
  return file.pathname.endsWith('.ts') ? stripTypes(source) : source
}

/** `stripTypeScriptTypes` without its warning: it is experimental by name, but what Node itself runs `.ts` files with. */
function stripTypes(source: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source, { mode: 'strip' })
  } finally {
    process.emitWarning = emitWarning
  }
}
