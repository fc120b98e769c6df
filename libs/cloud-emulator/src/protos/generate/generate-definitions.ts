import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { DISCOVERY_FILE, DISCOVERY_URL, dashboardParts } from './discovery.ts'
import { googleApiDefinitions } from './google-api-definitions.ts'

/**
 * `node generate-definitions.ts [FILE]` reads Google's newest discovery document for the Dashboards API, or the one in
 * FILE, and regenerates the definitions from it and the installed client packages.
 */
const [file] = process.argv.slice(2)
const text = file === undefined ? await download(DISCOVERY_URL) : await readFile(file, 'utf8')
const discovery = dashboardParts(JSON.parse(text))
await writeFile(DISCOVERY_FILE, `${JSON.stringify(discovery)}\n`)
console.log(`wrote ${fileURLToPath(DISCOVERY_FILE)}, revision ${discovery.revision}`)

const target = fileURLToPath(new URL('../google-apis.json', import.meta.url))
await writeFile(target, `${JSON.stringify(googleApiDefinitions())}\n`)
console.log(`wrote ${target}`)
execFileSync('npx', ['biome', 'format', '--write', fileURLToPath(DISCOVERY_FILE), target], { stdio: 'inherit' })

async function download(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) }).catch((cause: unknown) => {
    throw new Error(`${url} can't be reached; pass a copy of it as FILE`, { cause })
  })
  if (!answer.ok) throw new Error(`${url} responded with status ${answer.status}`)
  return answer.text()
}
