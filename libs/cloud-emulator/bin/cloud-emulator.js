#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
// Left alone, V8 lets garbage take as much memory again as the points do, and the C library keeps an arena for each thread.
import nodeOptions from './node-options.json' with { type: 'json' }

const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const program = existsSync(source)
  ? ['--conditions=@node-to-cloud/source', source]
  : [fileURLToPath(new URL('../dist/main.js', import.meta.url))]

process.execve(process.execPath, [process.execPath, ...nodeOptions.flags, ...program, ...process.argv.slice(2)], {
  ...nodeOptions.environment,
  ...process.env,
})
