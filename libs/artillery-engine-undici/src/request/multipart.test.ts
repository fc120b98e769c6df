import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeMultipart } from './multipart.ts'

test('a multipart body is valid, and its length is what it says', async () => {
  const body = await encodeMultipart(
    {
      plain: 'ü',
      number: 3,
      'quo"ted\n': 'x',
      typed: { value: '{}', contentType: 'application/json' },
      file: { fromFile: 'multipart.ts', contentType: 'text/plain' },
      guessed: { fromFile: '../../package.json' },
    },
    import.meta.dirname,
  )
  const chunks: Buffer[] = []
  for await (const chunk of body.open()) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  assert.equal(bytes.length, body.contentLength)

  const form = await new Response(bytes, { headers: { 'content-type': body.contentType } }).formData()
  assert.equal(form.get('plain'), 'ü')
  assert.equal(form.get('number'), '3')
  assert.equal(form.get('typed'), '{}')
  assert.equal(form.get('quo"ted\n'), 'x')
  for (const [field, name, type] of [
    ['file', 'multipart.ts', 'text/plain'],
    ['guessed', 'package.json', 'application/json'],
  ] as const) {
    const file = form.get(field)
    assert.ok(file instanceof File)
    assert.equal(file.name, name)
    assert.equal(file.type, type)
    assert.ok(file.size > 100)
  }
})

test('a body can be opened twice, for a redirect', async () => {
  const body = await encodeMultipart({ a: 'b' }, '.')
  const read = async (): Promise<string> => {
    let text = ''
    for await (const chunk of body.open()) text += chunk.toString()
    return text
  }
  assert.equal(await read(), await read())
})
