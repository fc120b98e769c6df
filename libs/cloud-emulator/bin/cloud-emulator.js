#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const program = existsSync(source)
  ? ['--conditions=@node-to-cloud/source', source]
  : [fileURLToPath(new URL('../dist/main.js', import.meta.url))]
// V8 would let short-lived objects take 128 MB before it cleans up.
const flags = ['--max-semi-space-size=8']

process.execve(process.execPath, [process.execPath, ...flags, ...program, ...process.argv.slice(2)], process.env)
