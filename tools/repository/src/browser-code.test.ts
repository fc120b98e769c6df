import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryFiles, repositoryRoot } from './repository-root.ts'

/** What runs in browsers: the pages' modules, and the formats that they share with servers. */
const BROWSER = /^(?:apps|libs)\/[^/]+\/src\/(?:ui\/browser|format)\/.*(?<!\.test|\.d)\.ts$/
/** What views are made with, apart from charts: elements, styles, fields, tables, forms, dialogs, focus. */
const DOM_HELPERS = /browser-kit\/src\/ui\/browser\/[^/]+$|\/(?:element|roving-focus|dialog|field-form)\.ts$/

const MAX_UNTESTED_LINES = 5541
const MAX_HELPER_LINES = 600

const files = repositoryFiles()
const known = new Set(files)
const browserFiles = files.filter((file) => BROWSER.test(file))
const lines = (file: string): number => readFileSync(join(repositoryRoot, file), 'utf8').split('\n').length - 1
const sum = (some: readonly string[]): number => some.reduce((all, file) => all + lines(file), 0)

test(`at most ${MAX_UNTESTED_LINES} lines of browser code are in files without a test beside them`, (t) => {
  const untested = browserFiles.filter((file) => !known.has(file.replace(/\.ts$/, '.test.ts')))
  const count = sum(untested)
  t.diagnostic(`${count} of ${sum(browserFiles)} lines`)
  const largest = untested.toSorted((a, b) => lines(b) - lines(a)).slice(0, 10)
  assert.ok(count <= MAX_UNTESTED_LINES, `${count} lines, most of them in\n${largest.join('\n')}`)
})

test(`helpers for the DOM have at most ${MAX_HELPER_LINES} lines`, (t) => {
  const count = sum(browserFiles.filter((file) => DOM_HELPERS.test(file)))
  t.diagnostic(`${count} lines`)
  assert.ok(count > 0 && count <= MAX_HELPER_LINES, `${count} lines`)
})
