/** Collects the pages of the docs site into `site/pages`: the Markdown of the repository, and what the programs say of themselves. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repositoryRoot as root } from '../repository-root.ts'
import { withSiteLinks } from './link.ts'
import { metricsPage } from './metrics-page.ts'

const pages = join(root, 'site/pages')

const SOURCES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/**/*.md',
  'examples/**/README.md',
  '{apps,libs,tools}/*/README.md',
  'libs/*/docs/*.md',
  'deploy/**/README.md',
]

/** The programs and those of their commands that have options of their own. */
const PROGRAMS: readonly { readonly launcher: string; readonly commands: readonly string[] }[] = [
  { launcher: 'libs/cloud-emulator/bin/cloud-emulator.js', commands: ['', 'check', 'tls'] },
  { launcher: 'libs/prometheus-sidecar/bin/prometheus-sidecar.js', commands: [''] },
  { launcher: 'apps/loadtester/bin/loadtester.js', commands: ['', 'run', 'k8s', 'standalone', 'master', 'worker'] },
  { launcher: 'apps/flask-app/bin/flask-app.js', commands: [''] },
  { launcher: 'apps/custom-metrics-example/bin/custom-metrics-example.js', commands: [''] },
]

const files = globSync(SOURCES, { cwd: root, exclude: (path) => /node_modules|dist$/.test(path) }).sort()
const { config }: { config: { repository: string } } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const hosted = /^git\+(https:.*)\.git$/.exec(config.repository)?.[1]
const targets = { pages: new Set(files), sources: hosted && `${hosted}/blob/main` }

rmSync(pages, { recursive: true, force: true })
for (const file of files) write(file, withSiteLinks(readFileSync(join(root, file), 'utf8'), file, targets))
for (const image of globSync('docs/images/*', { cwd: root })) {
  mkdirSync(join(pages, dirname(image)), { recursive: true })
  copyFileSync(join(root, image), join(pages, image))
}
write('reference/commands.md', commandsPage())
write('reference/metrics.md', await metricsPage())
write('sidebar.json', JSON.stringify(sidebar(), undefined, 2))

function commandsPage(): string {
  const sections = PROGRAMS.flatMap(({ launcher, commands }) =>
    commands.map((command) => {
      const words = command === '' ? [] : [command]
      const name = [launcher.split('/').at(-1)?.replace('.js', ''), ...words].join(' ')
      const env = { ...process.env, NO_COLOR: '1', COLUMNS: '80' }
      const help = execFileSync(process.execPath, [join(root, launcher), ...words, '--help'], { encoding: 'utf8', env })
      return `## ${name}\n\n\`\`\`text\n${help.trim()}\n\`\`\``
    }),
  )
  return `# Commands, flags and environment\n\nWhat \`--help\` of each program prints.\n\n${sections.join('\n\n')}\n`
}

function sidebar() {
  const group = (text: string, wanted: RegExp) => ({
    text,
    collapsed: true,
    items: files.filter((file) => wanted.test(file)).map((file) => ({ text: titleOf(file), link: linkOf(file) })),
  })
  return [
    { text: 'Get started', items: [{ text: 'The first hour', link: '/' }] },
    group('How to', /^docs\/how-to\/|^examples\//),
    group('How it works', /^docs\/[\w-]+\.md$|^docs\/benchmarks\//),
    {
      text: 'Reference',
      collapsed: true,
      items: [
        { text: 'Commands, flags and environment', link: '/reference/commands' },
        { text: 'Metrics', link: '/reference/metrics' },
        { text: 'API of the packages', link: '/reference/api/' },
        ...group('', /^(?:apps|libs)\//).items,
      ],
    },
    group('Manifests', /^deploy\//),
    group('Decisions', /^docs\/adr\//),
    group('Contributing', /^(?:CONTRIBUTING|SECURITY|CHANGELOG)\.md$|^tools\//),
  ]
}

function titleOf(file: string): string {
  const [, title = file] = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8')) ?? []
  return title.replaceAll('`', '')
}

function linkOf(file: string): string {
  return `/${file.replace(/README\.md$/, '').replace(/\.md$/, '')}`
}

function write(file: string, text: string): void {
  const path = join(pages, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
