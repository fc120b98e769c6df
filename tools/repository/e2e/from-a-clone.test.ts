import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { repositoryRoot } from '../src/repository-root.ts'
import { EmptyProject } from './empty-project.ts'
import { canIsolate, NAMESPACE, WAIT } from './isolated.ts'
import { type Block, blocksOf, commandsOf } from './readme-blocks.ts'

const COLUMNS = 80
const EMULATOR = 'http://127.0.0.1:8085'

const project = new EmptyProject()
const clone = join(project.folder, 'clone')
before(() => execFileSync('git', ['clone', '--quiet', repositoryRoot, clone]))
after(() => project[Symbol.asyncDispose]())

test("a newcomer's first hour in a clone, as the README says it: install, start, a metric, a trace, an alert, and the end", {
  skip: !canIsolate && 'needs root',
}, (t) => {
  const [install = '', start] = (commandsOf(firstBlock())[0] ?? '').split(' && ')
  assert.deepEqual([install, start], ['npm ci', 'npm start'])
  const [startToBreak = '', breakIt] = commandsOf(blocksOf('Show me an alert firing')[0] ?? assert.fail('no block'))
  assert.ok(startToBreak.endsWith('npm start') && breakIt)

  execFileSync('bash', ['-c', install], { cwd: clone, env: project.env, stdio: ['ignore', 'ignore', 'inherit'] })
  project.write('wait.mjs', WAIT)
  project.write(
    'first-hour.sh',
    `set -e
trap 'cat terminal >&2' ERR
ip link set lo up
mkfifo keys
(cd clone && exec script --quiet --return --flush --command 'stty cols ${COLUMNS} rows 24; ${startToBreak}' ../terminal) < keys > /dev/null &
terminal=$!
exec 3> keys
node wait.mjs ${EMULATOR}/api/metrics prometheus/flask_http_request
node wait.mjs ${EMULATOR}/api/traces '"flask-app"'
until grep -q 'Everything has arrived' terminal; do sleep .2; done
(${breakIt}) &
breaking=$!
node wait.mjs ${EMULATOR}/v3/projects/demo-project/alerts OPEN
wait $breaking
printf '\\003' >&3
# npm says 130 of a run that Ctrl-C ended.
wait $terminal || [ $? = 130 ]
ps -eo args= | grep -v 'first-hour.sh\\|ps -eo\\|grep ' > left || true
ss -Htln >> left
`,
  )
  execFileSync('unshare', [...NAMESPACE, 'bash', 'first-hour.sh'], {
    cwd: project.folder,
    env: { ...project.env, TERM: 'xterm' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })

  assert.equal(readFileSync(join(project.folder, 'left'), 'utf8'), '', 'neither a process nor a port is left')
  const lines = readFileSync(join(project.folder, 'terminal'), 'utf8')
    .split(/[\r\n]+/)
    .map(stripVTControlCharacters)
  t.diagnostic(lines.join('\n'))
  // What npm itself prints first, and the lines of `script`, are not ours.
  const ours = lines.filter((line) => !/^(?:>|Script )/.test(line))
  assert.deepEqual(
    ours.filter((line) => line.length > COLUMNS),
    [],
  )
  assert.ok(ours.includes('The pipeline has stopped.'))
})

/** The first block of the README. */
function firstBlock(): Block {
  const [, text = ''] = /^```sh\n([\s\S]*?)^```/m.exec(readFileSync(join(repositoryRoot, 'README.md'), 'utf8')) ?? []
  return { language: 'sh', text }
}
