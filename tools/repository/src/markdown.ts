/** A link of a Markdown document. */
export interface MarkdownLink {
  readonly line: number
  /** As written: a URL, or a path with an optional `#fragment`. */
  readonly target: string
}

/** Finds the links and images of a Markdown document, outside its code. */
export function findLinks(markdown: string): readonly MarkdownLink[] {
  const links: MarkdownLink[] = []
  for (const [index, line] of withoutFences(markdown).split('\n').entries()) {
    for (const [, target = ''] of line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^()\s]+)\)/g)) {
      links.push({ line: index + 1, target })
    }
  }
  return links
}

/** The anchors that GitHub makes of a document's headings. */
export function headingAnchors(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of withoutFences(markdown).matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-')
    anchors.add(anchor)
  }
  return anchors
}

/** Blanks fenced code blocks, and keeps the numbers of lines. */
function withoutFences(markdown: string): string {
  return markdown.replaceAll(/^```[^\n]*\n[\s\S]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, ''))
}

/** A path of the repository that a document names. */
export interface NamedPath {
  readonly line: number
  readonly path: string
  /** Whether it is relative to the document's package, as `src/main.ts` is, and not to the repository. */
  readonly inPackage: boolean
}

const REPOSITORY_PATH = /(?<![\w/.@$~:-])(?:apps|libs|tools|deploy|docs|examples|\.github|\.ci)\/[\w./@*-]+/g
const PACKAGE_PATH = /^(?:src|test|e2e|bench|bin|checks)\/[\w./*-]+$/

/**
 * Finds the paths that a document names: those from the repository's root anywhere, those from a package's root in code
 * spans. Paths with a placeholder, such as `deploy/dashboards/<id>.json` or `deploy/overlays/ENV`, are left out.
 */
export function findNamedPaths(markdown: string): readonly NamedPath[] {
  const paths: NamedPath[] = []
  for (const [index, line] of markdown.split('\n').entries()) {
    const text = line.replaceAll(/\]\([^()\s]+\)/g, ']')
    for (const match of text.matchAll(REPOSITORY_PATH)) {
      const path = match[0].replace(/[.:]+$/, '')
      const next = text.at(match.index + match[0].length)
      if (next !== undefined && '<{…'.includes(next)) continue
      if (path.split('/').some((segment) => /^[A-Z]{2,}$/.test(segment) && segment !== 'LICENSE')) continue
      paths.push({ line: index + 1, path, inPackage: false })
    }
    for (const [, code = ''] of text.matchAll(/`([^`]+)`/g)) {
      if (PACKAGE_PATH.test(code)) paths.push({ line: index + 1, path: code, inPackage: true })
    }
  }
  return paths
}
