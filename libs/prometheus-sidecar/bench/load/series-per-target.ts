/** How many series each target of the load has. */
export const SERIES_PER_TARGET = 155
