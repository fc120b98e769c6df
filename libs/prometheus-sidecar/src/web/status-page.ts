/** A table of the status page. */
export interface StatusSection {
  readonly title: string
  readonly rows: readonly (readonly [name: string, value: string])[]
}

/** The icon of the status page: a rising line. */
export const STATUS_ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1a73e8"/><path d="M3 12l3-4 3 2 4-6" fill="none" stroke="#fff" stroke-width="2"/></svg>'

/** Renders the status page as plain HTML without scripts; it loads itself again every ten seconds. */
export function renderStatusPage(title: string, sections: readonly StatusSection[]): string {
  const tables = sections
    .map(
      ({ title, rows }) =>
        `<h2>${escapeHtml(title)}</h2>\n<table>\n${rows
          .map(([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`)
          .join('\n')}\n</table>`,
    )
    .join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="10">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<title>${escapeHtml(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c1e21; background: #fff }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-top: 1px solid #ddd; overflow-wrap: anywhere }
th { font-weight: 500; width: 40% }
@media (prefers-color-scheme: dark) { body { color: #e4e6eb; background: #18191a } th, td { border-color: #3a3b3c } a { color: #8ab4f8 } }
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p><a href="/metrics">/metrics</a> · <a href="/healthz">/healthz</a> · <a href="/readyz">/readyz</a></p>
${tables}
</body>
</html>
`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
}
