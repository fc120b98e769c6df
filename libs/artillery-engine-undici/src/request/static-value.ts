/** True if the value holds no template: no string or key in it contains `{{`. */
export function isStatic(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('{{')
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isStatic)
  return Object.entries(value).every(([key, item]) => !key.includes('{{') && isStatic(item))
}
