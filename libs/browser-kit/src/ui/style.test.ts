import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

const sheet = readFileSync(new URL('./public/theme.css', import.meta.url), 'utf8')
const pairs = [...sheet.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)]
const light = new Map(pairs.map(([, name = '', color = '']) => [name, color]))
const dark = new Map(pairs.map(([, name = '', , color = '']) => [name, color]))

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

describe('the colours', () => {
  for (const [theme, colors] of [
    ['light', light],
    ['dark', dark],
  ] as const) {
    const of = (name: string): string => colors.get(name) ?? ''

    it(`of text have a contrast of at least 4.5 to 1, ${theme}`, () => {
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

    it(`of lines and dots have a contrast of at least 3 to 1, ${theme}`, () => {
      for (const name of [
        ...Array.from({ length: 10 }, (_, index) => `series-${index + 1}`),
        'heat',
        'exemplar',
        ...['1xx', '2xx', '3xx', '4xx', '5xx'].map((status) => `status-${status}`),
        ...['low', 'middle', 'high', 'highest'].map((quantile) => `quantile-${quantile}`),
        'border-strong',
      ]) {
        const ratio = contrast(of(name), of('surface'))
        assert.ok(ratio >= 3, `${name}: ${ratio.toFixed(2)}`)
      }
    })
  }

  it('are defined only in the theme, each once', () => {
    const folder = new URL('./public/', import.meta.url)
    for (const name of readdirSync(folder)) {
      if (name === 'theme.css') continue
      // A mask's black is not a colour that anyone sees.
      const text = readFileSync(new URL(name, folder), 'utf8').replace(/mask: [^;]*;/g, '')
      assert.doesNotMatch(text, /#[0-9a-f]{3,6}\b|data-theme|prefers-color-scheme/, name)
    }
    assert.equal(pairs.length, light.size)
  })

  it('that mean failure are not used for series', () => {
    for (const colors of [light, dark])
      for (let index = 1; index <= 10; index++)
        assert.notEqual(colors.get(`series-${index}`), colors.get('status-5xx'), `series-${index}`)
  })
})
