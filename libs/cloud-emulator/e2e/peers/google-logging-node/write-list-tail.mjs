import { Logging } from '@google-cloud/logging'

const logging = new Logging({ apiEndpoint: '127.0.0.1', port: Number(process.env.EMULATOR_PORT) })
const log = logging.log('peer-log')
const write = (step) =>
  log.write(
    log.entry({ resource: { type: 'global' }, severity: 'ERROR', labels: { step } }, { message: 'hello', step }),
  )

await write('before')

// A tail returns entries that are written after it has started, which is not signalled: entries are written until it
// returns one.
const tail = logging.tailEntries({ filter: 'log_id("peer-log") jsonPayload.step=during' })
const tailed = new Promise((resolve, reject) => {
  tail.on('data', ({ entries }) => entries?.[0] && resolve(entries[0].data))
  tail.on('error', reject)
})
const writing = setInterval(() => write('during').catch(() => undefined), 250)
const first = await tailed
clearInterval(writing)
tail.end()

const [entries] = await log.getEntries({ filter: 'severity>=ERROR jsonPayload.step=before' })
const [logs] = await logging.getLogs()
await log.delete()
const [left] = await log.getEntries({ filter: 'jsonPayload.step=before' })
process.stdout.write(
  JSON.stringify({
    tailed: first,
    listed: entries.map(({ data, metadata: { severity, labels } }) => ({ data, severity, labels })),
    logs: logs.map(({ name }) => name),
    left: left.length,
  }),
)
process.exit(0)
