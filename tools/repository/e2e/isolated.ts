import { spawnSync } from 'node:child_process'

/** `unshare` with a network and processes of its own: the default ports are free, and nothing survives it. */
export const NAMESPACE = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc'] as const

/** Whether this user may make such namespaces. */
export const canIsolate = spawnSync('unshare', [...NAMESPACE, 'ip', 'link', 'set', 'lo', 'up']).status === 0

/** A program for Node: waits until the answer of a URL contains a text, each an argument. */
export const WAIT = `
const [url, expected] = process.argv.slice(2)
for (const end = Date.now() + 180_000; Date.now() < end; await new Promise((done) => setTimeout(done, 250))) {
  const text = await fetch(url).then((response) => response.text(), () => '')
  if (text.includes(expected)) process.exit(0)
}
console.error(url + ' has not answered with ' + expected)
process.exit(1)
`
