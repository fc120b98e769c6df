import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseImageReference } from './images.ts'

test('an image is named by the last part before its tag', () => {
  for (const [text, name, newName, newTag] of [
    ['flask-app:1', 'flask-app', 'flask-app', '1'],
    ['localhost:5000/flask-app:abc-1.2', 'flask-app', 'localhost:5000/flask-app', 'abc-1.2'],
    ['a.example/p/q/loadtester:latest', 'loadtester', 'a.example/p/q/loadtester', 'latest'],
  ] as const) {
    assert.deepEqual(parseImageReference(text), { name, newName, newTag })
  }
  for (const text of ['flask-app', 'localhost:5000/flask-app', 'flask-app:']) {
    assert.throws(() => parseImageReference(text), /must be an image with a tag/, text)
  }
})
