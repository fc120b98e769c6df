#!/usr/bin/env node
import { launch } from '@node-to-cloud/command-line/launch'
// Left alone, V8 lets garbage take as much memory again as the points do, and the C library keeps an arena for each thread.
import nodeOptions from './node-options.json' with { type: 'json' }

await launch(import.meta.url, nodeOptions)
