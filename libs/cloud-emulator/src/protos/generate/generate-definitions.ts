import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { googleApiDefinitions } from './google-api-definitions.ts'

const target = fileURLToPath(new URL('../google-apis.json', import.meta.url))
writeFileSync(target, `${JSON.stringify(googleApiDefinitions())}\n`)
console.log(`wrote ${target}`)
