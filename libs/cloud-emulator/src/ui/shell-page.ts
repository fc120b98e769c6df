import { createHash } from 'node:crypto'

/** The one HTML page of the UI and the policy that it is served under. */
export interface ShellPage {
  readonly html: string
  readonly contentSecurityPolicy: string
}

/**
 * Builds the page: an import map for the chart library, the browser's modules preloaded side by side (they are not bundled,
 * so without this the browser would find them one import at a time), and the style sheets.
 *
 * The policy allows this origin alone: no inline script but the import map, which is allowed by its hash, and no inline style.
 */
export function buildShellPage(modulePaths: readonly string[], extension: '.ts' | '.js'): ShellPage {
  const importMap = JSON.stringify({ imports: { uplot: '/assets/uplot.js' } })
  const hash = createHash('sha256').update(importMap).digest('base64')
  const preloads = ['/assets/uplot.js', ...modulePaths.map((path) => `/browser/${path}`)]
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>cloud-emulator</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/uplot.css">
<link rel="stylesheet" href="/assets/style.css">
<script type="importmap">${importMap}</script>
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
