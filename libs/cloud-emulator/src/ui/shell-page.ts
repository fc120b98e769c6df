import { KIT_STYLE_PATH, PAGE_SCRIPT_PATH } from '@node-to-cloud/browser-kit'

/** The path of the script that sends the first requests. */
export const EARLY_SCRIPT_PATH = '/assets/early.js'

/** The content security policy: load only from this origin, and nothing inline. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The HTML page of the UI for a project: the script draws all of it. */
export function shellPage(project: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="project" content="${project.replace(/[&"<]/g, (character) => `&#${character.charCodeAt(0)};`)}">
<title>cloud-emulator</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<script type="module" async src="${EARLY_SCRIPT_PATH}"></script>
<script type="module" src="${PAGE_SCRIPT_PATH}"></script>
<link rel="stylesheet" href="${KIT_STYLE_PATH}">
<link rel="stylesheet" href="/assets/style.css">
</head>
<body>
<noscript>This page draws charts with JavaScript, all of it served by this machine. Turn JavaScript on to see them.</noscript>
</body>
</html>
`
}
