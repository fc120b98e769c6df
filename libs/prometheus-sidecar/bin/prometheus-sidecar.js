#!/usr/bin/env node
import { launch } from '@node-to-cloud/command-line/launch'
// Room for what a few requests leave behind, so that it need not be moved before it is garbage: see docs/adr/0084.
import nodeOptions from './node-options.json' with { type: 'json' }

await launch(import.meta.url, nodeOptions)
