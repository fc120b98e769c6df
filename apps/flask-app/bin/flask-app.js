#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))

if (existsSync(source)) {
  process.execve(
    process.execPath,
    [process.execPath, '--conditions=@node-to-cloud/source', source, ...process.argv.slice(2)],
    process.env,
  )
} else {
  await import('../dist/main.js')
}
