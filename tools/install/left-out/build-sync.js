import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Stands in for esbuild's function of this name, as Artillery calls it for a processor or script in TypeScript: what it writes has Node run the
 * source itself, which strips the types.
 *
 * @param {{ readonly entryPoints: readonly string[], readonly outfile: string }} options
 */
export function buildSync({ entryPoints: [entryPoint], outfile }) {
  mkdirSync(dirname(outfile), { recursive: true })
  const source = JSON.stringify(entryPoint)
  const url = JSON.stringify(pathToFileURL(entryPoint).href)
  // In a package without a type Node finds out by the syntax.
  writeFileSync(
    outfile,
    typeOfPackage(dirname(outfile)) === 'commonjs' ? `module.exports = require(${source})\n` : `export * from ${url}\n`,
  )
}

function typeOfPackage(folder) {
  const file = join(folder, 'package.json')
  try {
    return JSON.parse(readFileSync(file, 'utf8')).type
  } catch {
    return folder === dirname(folder) ? undefined : typeOfPackage(dirname(folder))
  }
}
