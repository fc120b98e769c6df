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

function read(): ChartTheme {
  const style = getComputedStyle(document.documentElement)
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim()
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
    series: Array.from({ length: seriesColors }, (_, index) => color(`series-${index + 1}`)),
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
