import { isRecord } from '../artillery/record.ts'

/** Sets a variable by a path such as `user.ids[0]`; missing objects on the way are created. */
export function setVariable(vars: Record<string, unknown>, path: string, value: unknown): void {
  if (!/[.[]/.test(path)) {
    vars[path] = value
    return
  }
  const keys = path.split(/[.[\]'"]+/).filter((key) => key !== '')
  if (keys.some((key) => key === '__proto__' || key === 'constructor' || key === 'prototype')) return
  let parent: Record<string, unknown> = vars
  keys.forEach((key, index) => {
    if (index === keys.length - 1) {
      parent[key] = value
      return
    }
    const child = parent[key]
    if (isRecord(child)) {
      parent = child
      return
    }
    const created: Record<string, unknown> | unknown[] = /^\d+$/.test(keys[index + 1] ?? '') ? [] : {}
    parent[key] = created
    if (isRecord(created)) parent = created
  })
}
