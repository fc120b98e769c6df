#!/usr/bin/env node
import { launch } from '@node-to-cloud/command-line/launch'

await launch(import.meta.url)
