import { copyFileSync, lstatSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { rootDir } from '../repository.ts'
import { traceProject } from './trace.ts'

/** Copies the files that a built project needs to run into a folder, for its image: `assemble.ts apps/flask-app /out`. */
async function main([folder, out]: readonly string[]): Promise<number> {
  if (folder === undefined || out === undefined) {
    console.error('usage: assemble.ts FOLDER OUT, for example assemble.ts apps/flask-app /out')
    return 2
  }
  const { files } = await traceProject(rootDir, folder)
  let bytes = 0
  for (const file of files) {
    const from = join(rootDir, file)
    const to = join(out, file)
    const stats = lstatSync(from)
    bytes += stats.size
    mkdirSync(dirname(to), { recursive: true })
    if (stats.isSymbolicLink()) symlinkSync(readlinkSync(from), to)
    else copyFileSync(from, to)
  }
  console.log(`${folder}: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB in ${out}`)
  return 0
}

process.exitCode = await main(process.argv.slice(2))
