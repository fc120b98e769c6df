import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

const sheet = readFileSync(new URL('./public/style.css', import.meta.url), 'utf8')

/** The custom properties of a rule, by name. */
function colorsOf(selector: string): Map<string, string> {
  const start = sheet.indexOf(`${selector} {`)
  assert.ok(start >= 0, `${selector} is in the sheet`)
  const body = sheet.slice(start, sheet.indexOf('}', start))
  return new Map([...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1] ?? '', match[2] ?? '']))
}

/** Relative luminance, as WCAG 2 defines it. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

const light = colorsOf(':root')
const darkBySystem = colorsOf(':root:not([data-theme="light"])')
const darkByChoice = colorsOf(':root[data-theme="dark"]')

describe('the colours', () => {
  for (const [theme, colors] of [
    ['light', light],
    ['dark', darkByChoice],
  ] as const) {
    const of = (name: string): string => colors.get(name) ?? ''

    it(`of text can be read: 4.5 to 1, ${theme}`, () => {
      for (const text of ['text', 'text-muted', 'accent', 'critical', 'warning', 'good']) {
        for (const ground of ['background', 'surface']) {
          const ratio = contrast(of(text), of(ground))
          assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`)
        }
      }
      for (const [text, ground] of [
        ['critical', 'critical-soft'],
        ['warning', 'warning-soft'],
        ['accent', 'accent-soft'],
        ['text-muted', 'surface-2'],
      ] as const) {
        const ratio = contrast(of(text), of(ground))
        assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`)
      }
    })

    it(`of lines and dots stand out: 3 to 1, ${theme}`, () => {
      for (const name of [
        ...Array.from({ length: 10 }, (_, index) => `series-${index + 1}`),
        'heat',
        'exemplar',
        'border-strong',
      ]) {
        const ratio = contrast(of(name), of('surface'))
        assert.ok(ratio >= 3, `${name}: ${ratio.toFixed(2)}`)
      }
    })
  }

  it('of the dark theme are the same, whether the system or a person chose it', () => {
    assert.deepEqual(darkBySystem, darkByChoice)
  })

  it('of the dark theme replace all of the light one', () => {
    assert.deepEqual([...darkByChoice.keys()].sort(), [...light.keys()].sort())
  })
})
