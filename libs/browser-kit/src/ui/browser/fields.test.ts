import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import { choiceField, searchField, textField } from './fields.ts'

const onChange = (): void => {}

describe('a choice', () => {
  const offered = (changes: object): string[] => {
    const view = choiceField({ label: 'Status', value: '200', values: ['200', '500'], onChange, ...changes })
    return [...markupOf(view).matchAll(/<option value=(\S*) \.selected=(\w+)>\s*(\S*)/g)].map(
      ([, value, selected, text]) => `${value}|${text}${selected === 'true' ? ' *' : ''}`,
    )
  }
  const cases: [what: string, changes: object, options: string[]][] = [
    ['has its values', {}, ['200|200 *', '500|500']],
    ['has all of them', { all: 'all', value: '' }, ['|all *', '200|200', '500|500']],
    ['has a custom value for all', { all: 'all', emptyValue: '*', value: '*' }, ['*|all *', '200|200', '500|500']],
    ['keeps a value that is not among the options', { value: '404' }, ['404|404 *', '200|200', '500|500']],
    ['has labels for values', { textOf: (value: string) => `HTTP-${value}` }, ['200|HTTP-200 *', '500|HTTP-500']],
  ]
  for (const [what, changes, options] of cases) test(what, () => assert.deepEqual(offered(changes), options))

  test('is named by its label', () =>
    assert.match(textOf(choiceField({ label: 'Status', value: '', values: [], onChange })), /^Status/))
})

test('a text field has its label, its value and a class for both', () => {
  const view = textField({ label: 'Filter', value: 'x', className: 'where', placeholder: 'a=b', onChange })
  assert.equal(textOf(view), 'Filter')
  assert.match(markupOf(view), /class="filter where-label"[\s\S]*class="input where"[\s\S]*\.value=x\s+placeholder=a=b/)
  assert.deepEqual([listenersOf(view, 'change').length, listenersOf(view, 'input').length], [1, 1])
})

test('a search field shows what it has found, and responds to Enter', () => {
  let entered = 0
  const view = searchField({
    label: 'Find',
    value: '',
    placeholder: 'p',
    note: '2 of 3',
    onChange,
    onEnter: () => entered++,
  })
  assert.equal(textOf(view), '2 of 3')
  for (const key of ['a', 'Enter'])
    for (const press of listenersOf(view, 'keydown')) press(Object.assign(new Event('keydown'), { key }))
  assert.equal(entered, 1)
})
