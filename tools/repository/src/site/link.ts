import { posix } from 'node:path'

/** What a page may link to: paths from the repository's root. */
export interface Targets {
  /** Markdown pages of the site. */
  readonly pages: ReadonlySet<string>
  /** Where files that are not pages can be seen, such as `https://github.com/OWNER/NAME/blob/main`; undefined while there is no such place. */
  readonly sources?: string | undefined
}

/**
 * A page with its links as they are on the site: a folder leads to its README, files that are not pages to the repository, or
 * nowhere while there is none. Images stay.
 *
 * @param page - its path from the repository's root
 */
export function withSiteLinks(markdown: string, page: string, targets: Targets): string {
  return outsideCode(markdown, (text) =>
    text.replaceAll(
      /(!?)\[((?:[^[\]]|\[[^\]]*\](?:\([^()]*\))?)*)\]\(([^()\s]+)\)/g,
      (link, bang: string, label: string, target: string) => {
        if (bang !== '' || /^(?:[a-z]+:|#)/.test(target)) return link
        const inner = withSiteLinks(label, page, targets)
        const [path = '', fragment] = target.split('#')
        const wanted = posix.normalize(posix.join(posix.dirname(page), path)).replace(/\/$/, '')
        const found = [wanted, posix.join(wanted, 'README.md')].find((one) => targets.pages.has(one))
        const suffix = fragment === undefined ? '' : `#${fragment}`
        if (found !== undefined) return `[${inner}](${relative(page, found)}${suffix})`
        return targets.sources === undefined ? inner : `[${inner}](${targets.sources}/${wanted}${suffix})`
      },
    ),
  )
}

function relative(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to)
  return path.startsWith('.') ? path : `./${path}`
}

/** Changes everything but fenced blocks and code spans. */
function outsideCode(markdown: string, change: (text: string) => string): string {
  return markdown
    .split(/(^```[^\n]*\n[\s\S]*?^```|`[^`\n]+`(?![^[\]\n]*\]\())/gm)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('')
}
