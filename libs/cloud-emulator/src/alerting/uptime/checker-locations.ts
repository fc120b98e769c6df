/** A location that Google checks from. */
export interface CheckerLocation {
  /** The number and the name of `UptimeCheckRegion`. */
  readonly region: number
  readonly name: string
  /** As in the label `checker_location`. */
  readonly label: string
  readonly location: string
}

const USA = 1

export const CHECKER_LOCATIONS: readonly CheckerLocation[] = [
  { region: USA, name: 'USA', label: 'usa-iowa', location: 'Iowa' },
  { region: USA, name: 'USA', label: 'usa-oregon', location: 'Oregon' },
  { region: USA, name: 'USA', label: 'usa-virginia', location: 'Virginia' },
  { region: 2, name: 'EUROPE', label: 'eur-belgium', location: 'Belgium' },
  { region: 3, name: 'SOUTH_AMERICA', label: 'sa-brazil-sao_paulo', location: 'São Paulo' },
  { region: 4, name: 'ASIA_PACIFIC', label: 'apac-singapore', location: 'Singapore' },
]

/** Each of these regions is one location in the USA. */
const SINGLE: Readonly<Record<number, string>> = { 5: 'usa-oregon', 6: 'usa-iowa', 7: 'usa-virginia' }

/** The locations of a check: those of its regions, or all. */
export function locationsOf(regions: readonly number[]): readonly CheckerLocation[] {
  if (regions.length === 0 || regions.includes(0)) return CHECKER_LOCATIONS
  return CHECKER_LOCATIONS.filter(({ region, label }) => regions.some((one) => one === region || SINGLE[one] === label))
}
