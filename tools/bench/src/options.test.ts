import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOptions } from './options.ts'

test('scenarios and options', () => {
  assert.deepEqual(readOptions(['one', '--rounds', '7', 'two', '--json']), {
    only: ['one', 'two'],
    rounds: 7,
    json: true,
    list: false,
    out: undefined,
  })
  assert.deepEqual(readOptions([]), { only: [], rounds: 5, json: false, list: false, out: undefined })
})

for (const [args, message] of [
  [['--rounds', '51'], /--rounds "51" can't be used; it must be a whole number from 1 to 50/],
  [
    ['--round', '5'],
    /--round is not an option of npm run bench; did you mean --rounds\?\nTry: npm run bench -- --help/,
  ],
] as const) {
  test(args.join(' '), () => assert.throws(() => readOptions(args), { code: 'ERR_USAGE', exitCode: 2, message }))
}
