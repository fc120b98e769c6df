/** A line of a chart. */
export interface ChartLine {
  readonly label: string
  /** CSS class that colours it. */
  readonly className: string
  readonly values: readonly number[]
}

const width = 720
const height = 220
const left = 56
const right = 12
const top = 12
const bottom = 26
const maximumColumns = 600

/**
 * Draws lines over the seconds of a run as SVG.
 *
 * @param seconds time of each value since the start.
 */
export function renderChart(seconds: readonly number[], lines: readonly ChartLine[], unit: string): string {
  const columns = columnsOf(seconds)
  const last = seconds.at(-1) ?? 1
  const highest = niceMaximum(lines.reduce((most, { values }) => values.reduce((a, b) => Math.max(a, b), most), 0))
  const x = (second: number): number => left + ((width - left - right) * second) / Math.max(1, last)
  const y = (value: number): number => height - bottom - ((height - top - bottom) * value) / highest
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = share * highest
    return `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/><text class="tick" x="${left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${formatTick(value)}</text>`
  })
  const times = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const second = share * last
    return `<text class="tick" x="${x(second).toFixed(1)}" y="${height - 8}" text-anchor="middle">${formatTime(second)}</text>`
  })
  const paths = lines.map(({ className, values, label }) => {
    const points = columns.map((group) => {
      const value = group.reduce((highestOf, index) => Math.max(highestOf, values[index] ?? 0), 0)
      return `${x(seconds[group[0] ?? 0] ?? 0).toFixed(1)},${y(value).toFixed(1)}`
    })
    return `<polyline class="line ${className}" points="${points.join(' ')}"><title>${escapeHtml(label)}</title></polyline>`
  })
  const legend = lines
    .map(({ className, label }) => `<span class="key ${className}">${escapeHtml(label)}</span>`)
    .join('')
  return `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(lines.map(({ label }) => label).join(', '))}">${grid.join('')}${times.join('')}${paths.join('')}</svg><figcaption>${legend}<span class="unit">${escapeHtml(unit)}</span></figcaption></figure>`
}

/** Groups of indices: one for each column that there is room for. */
function columnsOf(seconds: readonly number[]): number[][] {
  const size = Math.max(1, Math.ceil(seconds.length / maximumColumns))
  const groups: number[][] = []
  for (let start = 0; start < seconds.length; start += size) {
    groups.push(Array.from({ length: Math.min(size, seconds.length - start) }, (_, index) => start + index))
  }
  return groups
}

function niceMaximum(value: number): number {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [1, 2, 2.5, 4, 5, 8, 10].find((candidate) => candidate * power >= value) ?? 10
  return step * power
}

function formatTick(value: number): string {
  if (value >= 10_000) return `${Number((value / 1000).toPrecision(3))}k`
  return String(Number(value.toPrecision(3)))
}

function formatTime(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

/** Text made safe for HTML, in elements and attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
