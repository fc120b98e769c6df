/** A number as Prometheus' API writes it: as a string, with an exponent below 1e-6 and from 1e21 on. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  return String(value).replace(/e([-+])(\d)$/, 'e$10$2')
}
