import type { SeriesColor } from './series-colors.ts'

/** The colours of canvases, read from the style sheet so that each is defined only once for both themes. */
export interface ChartTheme {
  readonly text: string
  readonly grid: string
  readonly surface: string
  readonly accent: string
  readonly partial: string
  readonly warning: string
  readonly critical: string
  readonly heat: string
  readonly exemplar: string
  readonly series: readonly string[]
  /** The theme colours for series, by name. */
  readonly named: ReadonlyMap<string, string>
}

/** The number of series colours in the style sheet; after them the colours repeat. */
const SERIES_COLORS = 10

const MEANINGS = [
  ...['1xx', '2xx', '3xx', '4xx', '5xx'].map((status) => `status-${status}`),
  ...['low', 'middle', 'high', 'highest'].map((quantile) => `quantile-${quantile}`),
]

let current: ChartTheme | undefined
const listeners = new Set<() => void>()

/** Converts a computed colour, `rgb(1, 2, 3)`, to `#rrggbb`. */
function hexOf(computed: string): string {
  const channels = computed.match(/\d+/g) ?? []
  return `#${channels
    .slice(0, 3)
    .map((channel) => Number(channel).toString(16).padStart(2, '0'))
    .join('')}`
}

/** Reads custom properties through an element, because `light-dark()` is only resolved in a computed colour. */
function resolve(names: readonly string[]): Map<string, string> {
  const probe = document.createElement('div')
  probe.hidden = true
  probe.append(
    ...names.map((name) => {
      const one = document.createElement('i')
      one.style.color = `var(--${name})`
      return one
    }),
  )
  document.body.append(probe)
  const colors = new Map(
    [...probe.children].map((one, index) => [names[index] ?? '', hexOf(getComputedStyle(one).color)]),
  )
  probe.remove()
  return colors
}

function read(): ChartTheme {
  const series = Array.from({ length: SERIES_COLORS }, (_, index) => `series-${index + 1}`)
  const others = [
    'text-muted',
    'chart-grid',
    'surface',
    'accent',
    'chart-partial',
    'warning',
    'critical',
    'heat',
    'exemplar',
  ]
  const colors = resolve([...series, ...MEANINGS, ...others])
  const color = (name: string): string => colors.get(name) ?? ''
  return {
    text: color('text-muted'),
    grid: color('chart-grid'),
    surface: color('surface'),
    accent: color('accent'),
    partial: color('chart-partial'),
    warning: color('warning'),
    critical: color('critical'),
    heat: color('heat'),
    exemplar: color('exemplar'),
    series: series.map(color),
    named: colors,
  }
}

/** The colours of the current theme. */
export function chartTheme(): ChartTheme {
  current ??= read()
  return current
}

/** The colour of the series at an index; after the last colour they repeat. */
export function seriesColor(index: number): string {
  const { series } = chartTheme()
  return series[index % series.length] ?? 'currentColor'
}

/** Mixes two colours `#rrggbb`, with `share` of the first. */
export function mixed(color: string, other: string, share: number): string {
  const channel = (text: string, at: number): number => Number.parseInt(text.slice(at, at + 2), 16)
  const parts = [1, 3, 5].map((at) => Math.round(channel(color, at) * share + channel(other, at) * (1 - share)))
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

/** The screen colour for a choice of {@link colorsOf}; further series with the same meaning are paler. */
export function paint({ token, shade }: SeriesColor): string {
  const { named, surface } = chartTheme()
  const color = named.get(token) ?? surface
  return shade === 0 ? color : mixed(color, surface, SHADES[(shade - 1) % SHADES.length] ?? 1)
}

/** How much of its colour each further series with the same meaning keeps. */
const SHADES = [0.7, 0.5, 0.85, 0.6]

/** The colour with an alpha byte added. */
export function translucent(color: string, alpha: number): string {
  return `${color}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`
}

/** Calls `listener` after every change of theme, until the returned function is called. */
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Call this after a change of theme: canvases must be redrawn. */
export function themeChanged(): void {
  current = undefined
  for (const listener of listeners) listener()
}
