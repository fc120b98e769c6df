import { createLogger, runMain } from '@node-to-cloud/telemetry'
import { startApp } from '../../src/app.ts'
import { readConfig } from '../../src/config/config.ts'
import { parseFlags } from '../../src/config/flags.ts'
import { findIdentity } from '../../src/config/identity.ts'
import type { StateJournal } from '../../src/model/conversion-state.ts'

/**
 * A sidecar that kills itself with SIGKILL at the point named by `END_AT`: `after response` (the API accepted points that
 * the journal does not know), `before commit` (the journal's records are not on disk yet) or `after commit` (on disk,
 * but the request is unanswered). `END_AFTER` is how often it reaches the point.
 */
runMain('prometheus-sidecar', async () => {
  const flags = parseFlags(process.argv.slice(2), process.env)
  if ('kind' in flags) throw new TypeError('this program has no --help or --version')
  const { logger } = await createLogger({ level: flags.logLevel })
  const identity = await findIdentity(flags, {
    metadata: async () => undefined,
    credentialsProject: async () => undefined,
  })
  await startApp(await readConfig(flags, identity), logger, { decorateJournal: endingJournal })
})

function endingJournal(journal: StateJournal): StateJournal {
  let passesLeft = Number(process.env.END_AFTER)
  // Commits that settle nothing do not count: the journal is also committed every second.
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
      pass('after response')
      journal.settle(...call)
    },
    nativeBaseline: (...call) => journal.nativeBaseline(...call),
    nativeLast: (...call) => journal.nativeLast(...call),
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
