import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitepress'

// biome-ignore lint/style/noDefaultExport: VitePress reads it
export default defineConfig({
  title: 'node-to-cloud',
  description: 'Metrics, traces and logs of Node services on Google Cloud',
  srcDir: 'pages',
  outDir: 'dist',
  cleanUrls: true,
  // A folder's README is its page.
  rewrites: (page) => page.replace(/(^|\/)README\.md$/, '$1index.md'),
  // A link of a page to another that is not there ends the build.
  ignoreDeadLinks: 'localhostLinks',
  // Angle brackets in the documents are placeholders, not elements.
  markdown: { html: false },
  themeConfig: {
    sidebar: JSON.parse(readFileSync(new URL('../pages/sidebar.json', import.meta.url), 'utf8')),
    search: { provider: 'local' },
    outline: [2, 3],
  },
})
