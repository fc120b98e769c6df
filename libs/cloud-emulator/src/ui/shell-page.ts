import { createHash } from 'node:crypto'

/** The HTML page of the UI and its content security policy. */
export interface ShellPage {
  readonly html: string
  readonly contentSecurityPolicy: string
}

/**
 * Builds the page: an import map for the chart library, the style sheet, and the first view's modules as preloads.
 * Without a bundle the browser would otherwise discover them one import at a time.
 *
 * The policy allows this origin only: no inline style, and no inline script except the import map, by its hash.
 */
export function buildShellPage(options: {
  /** The modules that the first view needs. */
  readonly modulePaths: readonly string[]
  readonly extension: '.ts' | '.js'
  readonly project: string
}): ShellPage {
  const { modulePaths, extension, project } = options
  const importMap = JSON.stringify({ imports: { uplot: '/assets/uplot.js' } })
  const hash = createHash('sha256').update(importMap).digest('base64')
  const preloads = ['/assets/uplot.js', ...modulePaths.map((path) => `/browser/${path}`)]
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="project" content="${project.replace(/[&"<]/g, (character) => `&#${character.charCodeAt(0)};`)}">
<title>cloud-emulator</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
<script type="importmap">${importMap}</script>
<script type="module" src="/browser/early${extension}"></script>
${preloads.map((href) => `<link rel="modulepreload" href="${href}">`).join('\n')}
<script type="module" src="/browser/main${extension}"></script>
</head>
<body>
<noscript>This page draws charts with JavaScript, all of it served by this machine. Turn JavaScript on to see them.</noscript>
</body>
</html>
`
  const contentSecurityPolicy = [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { html, contentSecurityPolicy }
}
