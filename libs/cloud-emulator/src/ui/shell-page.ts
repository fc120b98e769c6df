import { importMapScript, KIT_STYLE_PATH, type PageModules } from '@node-to-cloud/browser-kit'

/** The HTML page of the UI and its content security policy. */
export interface ShellPage {
  readonly html: string
  readonly contentSecurityPolicy: string
}

/**
 * Builds the page: an import map, the style sheets, and the first view's modules as preloads. Without a bundle the browser
 * would otherwise discover them one import at a time.
 *
 * The policy allows this origin only: no inline style, and no inline script except the import map, by its hash.
 */
export async function buildShellPage(modules: PageModules, project: string): Promise<ShellPage> {
  const { extension } = modules
  const importMap = importMapScript(modules)
  const preloads = await modules.importedBy(`/browser/main${extension}`)
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="project" content="${project.replace(/[&"<]/g, (character) => `&#${character.charCodeAt(0)};`)}">
<title>cloud-emulator</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${KIT_STYLE_PATH}">
<link rel="stylesheet" href="/assets/style.css">
${importMap.html}
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
    `script-src 'self' ${importMap.policySource}`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { html, contentSecurityPolicy }
}
