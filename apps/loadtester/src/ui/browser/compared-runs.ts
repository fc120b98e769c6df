/** The ids of the runs that an address such as `#history?compare=A,B` names, at most two. */
export function comparedRuns(hash: string): readonly string[] {
  const search = new URLSearchParams(hash.split('?', 2)[1] ?? '')
  return [...new Set((search.get('compare') ?? '').split(',').filter((id) => id !== ''))].slice(0, 2)
}

/** The address of the history in which these runs are compared. */
export function historyAddress(ids: readonly string[]): string {
  return ids.length === 0 ? '#history' : `#history?compare=${ids.map(encodeURIComponent).join(',')}`
}
