import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { it } from 'node:test'

it('colours are those of the kit’s theme', () => {
  const folder = new URL('./public/styles/', import.meta.url)
  for (const name of readdirSync(folder)) {
    const text = readFileSync(new URL(name, folder), 'utf8')
    assert.doesNotMatch(text, /#[0-9a-f]{6}\b|data-theme|prefers-color-scheme/, name)
  }
})
