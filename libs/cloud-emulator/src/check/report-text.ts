import { plural } from '@node-to-cloud/browser-kit/format/plural'
import type { CheckReport } from './check-files.ts'

/**
 * A human-readable report: each problem with its file, each message with the number of tiles that show it, and totals.
 */
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
          `${accepted} of ${dashboards} ${plural(dashboards, 'dashboard is', 'dashboards are')} accepted and returned unchanged; ${tilesDrawn} ${plural(tilesDrawn, 'tile shows', 'tiles show')} generated data, ${tilesSaid.length} ${plural(tilesSaid.length, 'says', 'say')} what can't be drawn.`,
        ]),
    ...(policies === 0
      ? []
      : [
          `${policiesAccepted} of ${policies} ${plural(policies, 'alert policy is', 'alert policies are')} accepted and returned unchanged.`,
        ]),
  ]
  return `${lines.join('\n')}\n`
}
