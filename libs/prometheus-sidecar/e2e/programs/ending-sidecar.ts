import { createLogger, runMain } from '@node-to-cloud/telemetry'
import { startApp } from '../../src/app.ts'
import { readConfig } from '../../src/config/config.ts'
import { parseFlags } from '../../src/config/flags.ts'
import { findIdentity } from '../../src/config/identity.ts'
import type { StateJournal } from '../../src/model/conversion-state.ts'

/**
 * The sidecar, ending itself by SIGKILL at the point that `END_AT` names: `after answer` (the API took points, the
 * journal knows nothing of them), `before commit` (the journal's calls were made and are not on disk) or `after commit`
 * (on disk, and not answered yet). `END_AFTER` counts how often the point is passed first.
 */
runMain('prometheus-sidecar', async () => {
  const flags = parseFlags(process.argv.slice(2), process.env)
  if ('kind' in flags) throw new TypeError('the program takes no --help or --version')
  const { logger } = await createLogger({ level: flags.logLevel })
  const identity = await findIdentity(flags, {
    metadata: async () => undefined,
    credentialsProject: async () => undefined,
  })
  await startApp(await readConfig(flags, identity), logger, { decorateJournal: endingJournal })
})

function endingJournal(journal: StateJournal): StateJournal {
  let passesLeft = Number(process.env.END_AFTER)
  // Only what settles points counts: the journal is also committed every second.
  let settled = false
  const pass = (point: string) => {
    if (process.env.END_AT !== point || !settled) return
    passesLeft -= 1
    if (passesLeft > 0) return
    process.stdout.write(`ended ${point}\n`)
    process.kill(process.pid, 'SIGKILL')
    for (;;);
  }
  return {
    define: (...call) => journal.define(...call),
    baseline: (...call) => journal.baseline(...call),
    created: (...call) => journal.created(...call),
    settle(...call) {
      settled = true
      pass('after answer')
      journal.settle(...call)
    },
    wait: (...call) => journal.wait(...call),
    forget: (...call) => journal.forget(...call),
    document: (...call) => journal.document(...call),
    async commit() {
      pass('before commit')
      await journal.commit()
      pass('after commit')
    },
    close: () => journal.close(),
  }
}
