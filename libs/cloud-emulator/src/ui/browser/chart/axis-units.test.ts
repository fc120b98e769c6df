import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { axesOf, axisLabel, unitOfAxis } from './axis-units.ts'

describe('the axes of series', () => {
  for (const [what, series, axes] of [
    ['of one unit', ['Y1 s', 'Y1 s'], 'Y1 Y1'],
    ['of one family', ['Y1 s', 'Y1 ms'], 'Y1 Y1'],
    ['bytes and seconds', ['Y1 s', 'Y1 By', 'Y1 MiBy'], 'Y1 Y2 Y2'],
    ['percentages and numbers', ['Y1 1', 'Y1 10^2.%'], 'Y1 Y2'],
    ['byte rates and bytes', ['Y1 By/s', 'Y1 By'], 'Y1 Y2'],
    ['annotations are not units', ['Y1 {requests}', 'Y1 1'], 'Y1 Y1'],
    ['as chosen explicitly', ['Y1 s', 'Y1 By', 'Y2 1'], 'Y1 Y1 Y2'],
  ] as const) {
    it(what, () => {
      const given = series.map((one) => {
        const [axis, unit = ''] = one.split(' ')
        return { axis: axis === 'Y2' ? ('Y2' as const) : ('Y1' as const), unit }
      })
      assert.equal(axesOf(given).join(' '), axes)
    })
  }

  it('have no unit label if there are several', () => {
    const mixed = [
      { axis: 'Y1', unit: 's' },
      { axis: 'Y1', unit: 'By' },
      { axis: 'Y2', unit: '1/s' },
    ] as const
    assert.deepEqual([unitOfAxis(mixed, 'Y1'), unitOfAxis(mixed, 'Y2'), unitOfAxis([], 'Y1')], ['1', '1/s', undefined])
  })

  for (const [label, unit, shown] of [
    ['seconds', 's', undefined],
    ['Seconds', 'ms', undefined],
    ['ms', 's', undefined],
    ['bytes', 'By', undefined],
    ['MB', 'By', undefined],
    ['MiB per pod', 'By', 'MiB per pod'],
    ['percent', '10^2.%', undefined],
    ['requests', '1/s', 'requests'],
    ['seconds', '1', 'seconds'],
    ['', 's', undefined],
  ] as const) {
    it(`are labelled ${JSON.stringify(shown)} for ${JSON.stringify(label)} of ${unit}`, () =>
      assert.equal(axisLabel(label, unit), shown))
  }
})
