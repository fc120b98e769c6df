/** The ids of the runs that an address such as `#history?compare=A,B` names, at most two. */
export function comparedRuns(hash: string): readonly string[] {
  const search = new URLSearchParams(hash.split('?', 2)[1] ?? '')
  return [...new Set((search.get('compare') ?? '').split(',').filter((id) => id !== ''))].slice(0, 2)
}

/** The address of the history in which these runs are compared. */
export function historyAddress(ids: readonly string[]): string {
  return ids.length === 0 ? '#history' : `#history?compare=${ids.map(encodeURIComponent).join(',')}`
}

/** The compared runs after a click on the box of one: without it if it was among them, else with it in place of the earlier of two. */
export function toggleComparedRun(ids: readonly string[], id: string): readonly string[] {
  const others = ids.filter((one) => one !== id)
  return ids.includes(id) ? others : [...others.slice(-1), id]
}
