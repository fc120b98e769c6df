#!/usr/bin/env node
import { launch } from '@node-to-cloud/command-line/launch'
// By default, V8 lets garbage use as much memory as the points do, and the C library keeps an arena for each thread.
import nodeOptions from './node-options.json' with { type: 'json' }

await launch(import.meta.url, nodeOptions)
