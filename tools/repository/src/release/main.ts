/** `npm run pack -- FOLDER`: the packages as they are published, as tarballs in a folder. */
import { resolve } from 'node:path'
import { packPackages } from './pack-packages.ts'

const [target, ...others] = process.argv.slice(2)
if (target === undefined || target.startsWith('-') || others.length > 0) {
  process.stderr.write('Usage: npm run pack -- FOLDER\n')
  process.exitCode = 2
} else {
  for (const tarball of packPackages(resolve(target)).values()) process.stdout.write(`${tarball}\n`)
}
