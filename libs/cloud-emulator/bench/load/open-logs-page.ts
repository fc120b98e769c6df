/** Does what an open logs page does: follows the events, and queries entries and their counts every two seconds. */
const [httpPort = '0'] = process.argv.slice(2)
const url = `http://127.0.0.1:${httpPort}`

async function draw(): Promise<void> {
  const answer = await fetch(`${url}/api/logs?limit=200&buckets=60&severity=WARNING`)
  await answer.arrayBuffer()
}

setInterval(() => void draw().catch(() => {}), 2000)
const events = await fetch(`${url}/api/events`)
for await (const _ of events.body ?? []) {
  // The content of the events doesn't matter here.
}
