import { readFile } from 'node:fs/promises'
import { withoutTypes } from '../script/module-source.ts'

/**
 * JavaScript of a browser module: what `tsc -b` emitted or, in the source tree, the TypeScript file without its types, so
 * that the browser needs no build.
 */
export async function readBrowserModule(file: URL): Promise<string> {
  const source = await readFile(file, 'utf8')
  return file.pathname.endsWith('.ts') ? withoutTypes(source) : source
}
