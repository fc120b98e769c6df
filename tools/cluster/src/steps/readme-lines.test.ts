import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blocksOf, inlineCommandsOf } from './readme-lines.ts'

const README = `# a

## One

Text:

    mkdir b
    cd b

More with \`kubectl get a -o jsonpath='{.b}' \\| base64 -d\` and \`other\`.

    last

## Two

    another
`

test('blocks and commands of a section', () => {
  assert.deepEqual(blocksOf(README, 'One'), ['mkdir b\ncd b\n', 'last\n'])
  assert.deepEqual(blocksOf(README, 'Two'), ['another\n'])
  assert.deepEqual(inlineCommandsOf(README, 'One'), ["kubectl get a -o jsonpath='{.b}' | base64 -d"])
})
