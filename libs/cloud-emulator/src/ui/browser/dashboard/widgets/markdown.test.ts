import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseMarkdown } from './markdown.ts'

describe('markdown of a text widget', () => {
  it('parses headings, paragraphs, lists and code', () => {
    assert.deepEqual(parseMarkdown('# A\nline one\nline two\n\n- x\n- y\n  more\n\n1. z\n\n```\na < b\n```'), [
      { kind: 'heading', level: 1, content: [{ kind: 'text', text: 'A' }] },
      { kind: 'paragraph', content: [{ kind: 'text', text: 'line one line two' }] },
      { kind: 'list', ordered: false, items: [[{ kind: 'text', text: 'x' }], [{ kind: 'text', text: 'y more' }]] },
      { kind: 'list', ordered: true, items: [[{ kind: 'text', text: 'z' }]] },
      { kind: 'code', text: 'a < b' },
    ])
  })

  it('parses code, emphasis and links within a line', () => {
    assert.deepEqual(parseMarkdown('see `up`, **now** and *soon*: [docs](https://example.org/a)')[0], {
      kind: 'paragraph',
      content: [
        { kind: 'text', text: 'see ' },
        { kind: 'code', text: 'up' },
        { kind: 'text', text: ', ' },
        { kind: 'strong', text: 'now' },
        { kind: 'text', text: ' and ' },
        { kind: 'emphasis', text: 'soon' },
        { kind: 'text', text: ': ' },
        { kind: 'link', text: 'docs', href: 'https://example.org/a' },
      ],
    })
  })

  it('does not change names with underscores', () => {
    assert.deepEqual(parseMarkdown('flask_http_request and a_b_c')[0], {
      kind: 'paragraph',
      content: [{ kind: 'text', text: 'flask_http_request and a_b_c' }],
    })
  })

  for (const source of ['[x](javascript:alert(1))', '[x](data:text/html,y)', '<img src=x onerror=y>', '[x](//evil)']) {
    it(`creates no link or code from ${source}`, () => {
      const text = JSON.stringify(parseMarkdown(source))
      assert.ok(!text.includes('"link"'), text)
    })
  }
})
