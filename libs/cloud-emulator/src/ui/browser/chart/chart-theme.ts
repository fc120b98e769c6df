/** The colours that canvases draw with, read from the style sheet so that there is one source for both themes. */
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
}

/** Number of series colours in the style sheet; after them the colours begin again. */
const seriesColors = 10

let current: ChartTheme | undefined
const listeners = new Set<() => void>()

/** `#rrggbb` of a computed colour, `rgb(1, 2, 3)`. */
function hexOf(computed: string): string {
  const channels = computed.match(/\d+/g) ?? []
  return `#${channels
    .slice(0, 3)
    .map((channel) => Number(channel).toString(16).padStart(2, '0'))
    .join('')}`
}

/** What the properties stand for in the theme in force: each is given to an element, since only then `light-dark()` is decided. */
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
  const series = Array.from({ length: seriesColors }, (_, index) => `series-${index + 1}`)
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
  const colors = resolve([...series, ...others])
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
  }
}

/** The colours of the theme in force. */
export function chartTheme(): ChartTheme {
  current ??= read()
  return current
}

/** Colour of the n-th series. */
export function seriesColor(index: number): string {
  const { series } = chartTheme()
  return series[index % series.length] ?? 'currentColor'
}

/** The same colour, `alpha` of it: `#rrggbb` gets an alpha byte. */
export function translucent(color: string, alpha: number): string {
  return `${color}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`
}

/** Calls `listener` after each change of theme; the result ends that. */
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** To be called when the theme changed: canvases have to be drawn anew. */
export function themeChanged(): void {
  current = undefined
  for (const listener of listeners) listener()
}
