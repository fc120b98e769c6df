/** A number below 100 with a leading zero if it has only one digit. */
export function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
