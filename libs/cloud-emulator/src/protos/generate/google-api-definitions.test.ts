import assert from 'node:assert/strict'
import { test } from 'node:test'
import googleApis from '../google-apis.json' with { type: 'json' }
import { googleApiDefinitions } from './google-api-definitions.ts'

test("google-apis.json is what generate-definitions.ts generates from Google's packages", () => {
  assert.deepEqual(googleApis, JSON.parse(JSON.stringify(googleApiDefinitions())))
})
