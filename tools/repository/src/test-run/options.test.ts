import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTestRunOptions } from './options.ts'

for (const [args, nxArgs] of [
  [[], []],
  [
    ['--projects=a,b', '--parallel', '1'],
    ['--projects=a,b', '--parallel=1'],
  ],
  [
    ['--skip-nx-cache', '--exclude=c'],
    ['--exclude=c', '--skip-nx-cache'],
  ],
] as const) {
  test(`npm test -- ${args.join(' ')} is passed on to nx`, () => {
    assert.deepEqual(readTestRunOptions('test', args), { nxArgs, retryFailed: false })
  })
}

test('--retry-failed is not for nx', () => {
  assert.deepEqual(readTestRunOptions('e2e', ['--retry-failed']), { nxArgs: [], retryFailed: true })
})

test('--help tells what the script takes, by its own name', () => {
  assert.match(String(readTestRunOptions('e2e-long', ['--help'])), /npm run e2e:long --[\s\S]*--projects/)
})

for (const [args, problem] of [
  [['--project=telemetry'], /--project .*--projects/],
  [['--skip-nx-cahce'], /--skip-nx-cache/],
  [['--parallel=many'], /--parallel.*"many"/],
  [['telemetry'], /"telemetry"/],
] as const) {
  test(`npm test -- ${args.join(' ')} is refused, with what is right`, () => {
    assert.throws(() => readTestRunOptions('test', args), problem)
  })
}
