/** Vertical places on the screen, in pixels from its top. */
interface Room {
  /** Where the chart starts and ends. */
  readonly chartTop: number
  readonly chartBottom: number
  readonly cardHeight: number
  /** What stays on the screen above everything, such as the head of the page, ends here. */
  readonly screenTop: number
  readonly screenBottom: number
}

/** Whether a card belongs over its chart: it does not fit below, but it does there. On the plot it would cover cells. */
export function isAbove({ chartTop, chartBottom, cardHeight, screenTop, screenBottom }: Room): boolean {
  return chartBottom + cardHeight > screenBottom && chartTop - cardHeight >= screenTop
}
