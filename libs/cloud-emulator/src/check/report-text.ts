import type { CheckReport } from './check-files.ts'

/** A report for people: each problem with its file, each sentence with how many tiles say it, and lines of totals. */
export function reportText(report: CheckReport): string {
  const { dashboards, accepted, policies, policiesAccepted, tilesDrawn, tilesSaid, problems } = report
  const sentences = new Map<string, number>()
  for (const { says } of tilesSaid) sentences.set(says, (sentences.get(says) ?? 0) + 1)
  const lines = [
    ...problems.map(({ file, message }) => `${file}: ${message}`),
    ...[...sentences].sort(([, a], [, b]) => b - a).map(([says, count]) => `${count} × ${says}`),
    ...(dashboards === 0 && policies > 0
      ? []
      : [
          `${accepted} of ${dashboards} dashboards are accepted and given back equal; ${tilesDrawn} tiles drew with made-up data, ${tilesSaid.length} say in one sentence what is not drawn.`,
        ]),
    ...(policies === 0 ? [] : [`${policiesAccepted} of ${policies} alert policies are accepted and given back equal.`]),
  ]
  return `${lines.join('\n')}\n`
}
