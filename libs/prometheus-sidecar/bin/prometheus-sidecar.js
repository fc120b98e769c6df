#!/usr/bin/env node
import { launch } from '@node-to-cloud/command-line/launch'
// Room for the objects of a few requests, so that they need not be moved before they are garbage: see docs/adr/0084.
// One arena of malloc, which leaves less memory unused between the threads of V8: see docs/adr/0089.
import nodeOptions from './node-options.json' with { type: 'json' }

await launch(import.meta.url, nodeOptions)
