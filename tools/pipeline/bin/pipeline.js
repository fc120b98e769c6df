#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { launch } from '@node-to-cloud/command-line/launch'

await launch(import.meta.url, {
  flags: ['--max-semi-space-size=2'],
  // The parts inherit it: what one start has compiled, and stripped of its types, the next one reads.
  environment: { NODE_COMPILE_CACHE: fileURLToPath(new URL('../../../.pipeline/compile-cache', import.meta.url)) },
})
