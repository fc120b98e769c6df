import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextVersion, notesOf, withRelease, withVersion } from './new-version.ts'
import { parseRepository } from './repository-setting.ts'

for (const [change, next] of [
  ['major', '1.0.0'],
  ['minor', '0.2.0'],
  ['patch', '0.1.1'],
  ['0.1.10', '0.1.10'],
] as const) {
  test(`0.1.0, ${change}: ${next}`, () => assert.equal(nextVersion('0.1.0', change), next))
}

for (const change of ['0.1.0', '0.0.9', 'v1.0.0', '1.0', 'majr', '']) {
  test(`0.1.0, "${change}" is refused`, () => {
    assert.throws(() => nextVersion('0.1.0', change), /must be major, minor, patch, or a version after 0\.1\.0/)
  })
}

test('a manifest has the new version, and of packages of this repository alone', () => {
  const manifest = (version: string) =>
    `{\n  "version": "${version}",\n  "dependencies": {\n    "@node-to-cloud/telemetry": "${version}",\n    "other": "0.1.0"\n  }\n}\n`
  assert.equal(withVersion(manifest('0.1.0'), '0.1.0', '0.2.0'), manifest('0.2.0'))
})

const CHANGELOG = '# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n- one\n\n## [0.1.0] - 2026-01-01\n\n- first\n'

test('what is unreleased goes under the new version', () => {
  const released = withRelease(CHANGELOG, '0.2.0', '2026-02-01')
  assert.match(released, /## \[Unreleased\]\n\n## \[0\.2\.0\] - 2026-02-01\n\n### Fixed\n\n- one\n/)
  assert.equal(notesOf(released, '0.2.0'), '### Fixed\n\n- one')
  assert.equal(notesOf(released, '0.1.0'), '- first')
  assert.equal(notesOf(released, '0.3.0'), undefined)
  assert.throws(() => withRelease(released, '0.3.0', '2026-03-01'), /nothing under \[Unreleased\]/)
})

test('images are named after the repository, in lower case as registries demand', () => {
  assert.equal(parseRepository('git+https://github.com/Some/Name.git').imagePrefix, 'ghcr.io/some/name')
  assert.equal(parseRepository('').imagePrefix, undefined)
  assert.throws(() => parseRepository('github.com/some/name'), /must be git\+https:\/\/github\.com\/OWNER\/NAME\.git/)
})
