import { runMain } from '@node-to-cloud/command-line'
import { readOptions } from './options.ts'

// When the terminal is closed, the parts must be stopped first.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

runMain('pipeline', async () => {
  const options = readOptions(process.argv.slice(2))
  if (typeof options === 'string') {
    process.stdout.write(options)
    return
  }
  const { runPipeline } = await import('./run-pipeline.ts')
  process.exitCode = await runPipeline(options)
})
