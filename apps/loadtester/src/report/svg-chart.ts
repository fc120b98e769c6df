import { formatValue } from '@node-to-cloud/browser-kit/format/value'

export interface ChartLine {
  readonly label: string
  /** CSS class that sets its colour. */
  readonly className: string
  /** Undefined where nothing was measured: the line joins its neighbours. */
  readonly values: readonly (number | undefined)[]
}

const WIDTH = 720
const HEIGHT = 220
const LEFT = 56
const RIGHT = 12
const TOP = 12
const BOTTOM = 26
const MAX_COLUMNS = 600

/**
 * Renders lines over the seconds of a run as SVG.
 *
 * @param seconds since the start, for each value.
 */
export function renderChart(seconds: readonly number[], lines: readonly ChartLine[], unit: string): string {
  const columns = columnsOf(seconds)
  const last = seconds.at(-1) ?? 1
  const ticks = niceTicks(
    lines.reduce((most, { values }) => values.reduce<number>((a, b = 0) => Math.max(a, b), most), 0),
  )
  const highest = ticks.at(-1) ?? 1
  const x = (second: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * second) / Math.max(1, last)
  const y = (value: number): number => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / highest
  const grid = ticks.map((value) => {
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/><text class="tick" x="${LEFT - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${formatValue(value)}</text>`
  })
  const times = timeTicks(last).map(
    (second) =>
      `<text class="tick" x="${x(second).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="middle">${formatTime(second)}</text>`,
  )
  const paths = lines.map(({ className, values, label }) => {
    const points = columns.flatMap((group) => {
      const measured = group.flatMap((index) => values[index] ?? [])
      if (measured.length === 0) return []
      const value = measured.reduce((highestOf, one) => Math.max(highestOf, one), 0)
      return `${x(seconds[group[0] ?? 0] ?? 0).toFixed(1)},${y(value).toFixed(1)}`
    })
    return `<polyline class="line ${className}" points="${points.join(' ')}"><title>${escapeHtml(label)}</title></polyline>`
  })
  const legend = lines
    .map(({ className, label }) => `<span class="key ${className}">${escapeHtml(label)}</span>`)
    .join('')
  return `<figure tabindex="0"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(lines.map(({ label }) => label).join(', '))}">${grid.join('')}${times.join('')}${paths.join('')}</svg><figcaption>${legend}<span class="unit">${escapeHtml(unit)}</span></figcaption></figure>`
}

/** Groups of indices, one for each column that fits. */
function columnsOf(seconds: readonly number[]): number[][] {
  const size = Math.max(1, Math.ceil(seconds.length / MAX_COLUMNS))
  const groups: number[][] = []
  for (let start = 0; start < seconds.length; start += size) {
    groups.push(Array.from({ length: Math.min(size, seconds.length - start) }, (_, index) => start + index))
  }
  return groups
}

const STEPS = [1, 2, 5, 10]
const MAX_TICKS = 6

/** The ticks of an axis from 0 that reaches a value: at most six, at multiples of 1, 2 or 5. */
export function niceTicks(maximum: number): readonly number[] {
  if (maximum <= 0) return [0, 1]
  const power = 10 ** Math.floor(Math.log10(maximum / MAX_TICKS))
  const size = STEPS.map((step) => step * power).find((one) => Math.ceil(maximum / one) < MAX_TICKS) ?? 10 * power
  return Array.from({ length: Math.ceil(maximum / size) + 1 }, (_, index) => Number((index * size).toPrecision(12)))
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400]

/** The ticks of the time axis: at most six, at whole steps of a clock. */
export function timeTicks(lastSecond: number): readonly number[] {
  const size = TIME_STEPS.find((step) => lastSecond / step < MAX_TICKS) ?? lastSecond / 5
  return Array.from({ length: Math.floor(lastSecond / size) + 1 }, (_, index) => index * size)
}

function formatTime(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

/** Escapes text for HTML elements and attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
