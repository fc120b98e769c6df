// Stands in for Google's sidecar: reads the WAL of Prometheus, where its arguments say it is. Serves what it has read as a metric.
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'

const prefix = '--prometheus.wal-directory='
const folder = process.argv.find((argument) => argument.startsWith(prefix))?.slice(prefix.length) ?? ''

async function walBytes(): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile()) bytes += (await readFile(join(folder, entry.name))).length
  }
  return bytes
}

createServer((_, response) => {
  walBytes().then(
    (bytes) => response.end(`recorded_wal_bytes ${bytes}\n`),
    () => response.end('recorded_wal_bytes 0\n'),
  )
}).listen(9091)
process.once('SIGTERM', () => process.exit(0))
