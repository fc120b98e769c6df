import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Installation } from '../installation.ts'
import { DEPLOY_DIR, ROOT_DIR } from '../repository.ts'
import { expect, type Step } from '../step.ts'
import { askEmulator } from '../stored.ts'
import { READY_MS, until } from '../wait.ts'

/** What needs kind, an image registry or a program that stays open. */
const LEFT_OUT = /^(kind |for project in)|port-forward/

function sectionOf(readme: string, heading: string): string {
  const [, rest = ''] = readme.split(`\n## ${heading}\n`)
  return `\n${rest.split(/\n## /)[0] ?? ''}`
}

/** The indented blocks of a section of the README. */
export function blocksOf(readme: string, heading: string): string[] {
  const found = sectionOf(readme, heading).matchAll(/\n\n((?: {4}.*(?:\n|$))+)/g)
  return [...found].map(([, block = '']) => block.replaceAll(/^ {4}/gm, ''))
}

/** The commands in the table and the text of a section. */
export function inlineCommandsOf(readme: string, heading: string): string[] {
  const found = sectionOf(readme, heading).matchAll(/`(kubectl [^`]*)`/g)
  return [...found].map(([, command = '']) => command.replaceAll('\\|', '|'))
}

/** A copy of the repository's part that the lines are about, with a kubeconfig whose namespace is that of an installation. */
class Shell {
  readonly folder = mkdtempSync(join(tmpdir(), 'readme-'))
  readonly #kubeconfig = join(this.folder, 'kubeconfig')

  static async of({ kubectl, namespace }: Installation): Promise<Shell> {
    const shell = new Shell()
    const { stdout } = await kubectl.run(['config', 'view', '--raw', '--minify', '--flatten'])
    writeFileSync(shell.#kubeconfig, stdout, { mode: 0o600 })
    cpSync(DEPLOY_DIR, join(shell.folder, 'deploy'), {
      recursive: true,
      filter: (path) => !/\/(node_modules|dist|\.cluster-e2e|mine)$/.test(path),
    })
    await shell.run(`kubectl config set-context --current --namespace ${namespace}`)
    return shell
  }

  async run(commands: string): Promise<string> {
    const env = { ...process.env, KUBECONFIG: this.#kubeconfig }
    const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], { cwd: this.folder, env, timeout: 400_000 })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    const [code] = await once(child, 'close')
    expect(code === 0, `${commands.trim().split('\n')[0]} …: exit code ${code}: ${output.slice(-500)}`)
    return output
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The registry that README's example names, as the images of this run. */
function withImages(text: string, installation: Installation): string {
  return text.replaceAll(/newName: localhost:5000\/(\S+), newTag: "1"/g, (_, name: string) => {
    const image = installation.images.find((one) => one.name === name)
    return `newName: ${image?.newName ?? name}, newTag: "${image?.newTag ?? 'latest'}"`
  })
}

const anyCluster: Step = {
  name: 'deploy/README.md: the lines for any cluster, unchanged',
  short: false,
  isIndependent: true,
  async run({ another }) {
    const installation = another()
    await installation.create()
    const shell = await Shell.of(installation)
    const readme = readFileSync(join(ROOT_DIR, 'deploy/README.md'), 'utf8')
    const run: string[] = []
    const paste = async (commands: string): Promise<void> => {
      await shell.run(withImages(commands, installation))
      run.push(commands.trim().split('\n').at(-1) ?? '')
    }
    try {
      const [kind = '', mine = ''] = blocksOf(readme, 'On any cluster, without an account')
      const lines = kind.split('\n').filter((line) => line.startsWith('kubectl '))
      for (const line of lines) await paste(line)
      await installation.rolledOut(READY_MS)
      await paste(mine)
      await installation.rolledOut(READY_MS)
      for (const command of inlineCommandsOf(readme, 'See the result')) {
        if (!LEFT_OUT.test(command)) await paste(command)
      }
      for (const command of inlineCommandsOf(readme, 'Costs and clean-up')) await paste(command)
      return `${run.length} commands: ${run.join('; ')}`
    } finally {
      shell.remove()
    }
  },
}

/** An exact tag of the sidecar's image that a node has. */
async function sidecarImage({ kubectl, images }: Installation): Promise<{ name: string; tag: string } | undefined> {
  const given = images.find(({ name }) => name === 'prometheus-sidecar')
  if (given !== undefined) return { name: given.newName, tag: given.newTag }
  const { items } = await kubectl.json<{ items: { status: { images: { names: string[] }[] } }[] }>('get', 'nodes')
  for (const text of items.flatMap(({ status }) => status.images.flatMap(({ names }) => names))) {
    const [, name, tag] = /^(\S*prometheus-sidecar):([\w.-]+)$/.exec(text) ?? []
    if (name !== undefined && tag !== undefined && tag !== 'latest') return { name, tag }
  }
  return undefined
}

const script: Step = {
  name: 'deploy/README.md: prometheus_patch.sh adds the sidecar to a Prometheus that runs',
  short: false,
  isIndependent: true,
  async run({ another }) {
    const installation = another()
    const { namespace } = installation
    const image = await sidecarImage(installation)
    if (image === undefined) return 'skipped: no node has the sidecar’s image with an exact tag'
    await installation.create()
    const shell = await Shell.of(installation)
    try {
      await installation.apply({
        base: 'base/flask-app',
        others: ['dashboards', 'alerts'],
        files: ['components/cloud-emulator/emulator.yaml'],
      })
      const readme = readFileSync(join(ROOT_DIR, 'deploy/README.md'), 'utf8')
      const block = blocksOf(readme, 'Choices').find((text) => text.includes('prometheus_patch.sh')) ?? ''
      const variables = {
        ...{ GCP_PROJECT: 'demo-project', KUBE_NAMESPACE: namespace },
        ...{ SIDECAR_IMAGE: image.name, SIDECAR_IMAGE_TAG: image.tag },
        STACKDRIVER_API_ADDRESS: '"http://cloud-emulator:8086/?auth=false"',
      }
      const edits = Object.entries(variables).map(([name, value]) => `export ${name}=${value}`)
      const edited = block.replace(/^(cp .*)$/m, `$1\ncat >> deploy/.env <<'END'\n${edits.join('\n')}\nEND`)
      await shell.run(edited)
      await installation.rolledOut(READY_MS)
      const count = await until('metrics of flask-app', 120_000, async () => {
        const { metrics } = await askEmulator(installation, '/api/metrics')
        return metrics.some(({ type }) => type.endsWith('/flask_exporter_info')) ? metrics.length : undefined
      })
      return `${block.trim().split('\n').length} lines; ${count} metric types are stored`
    } finally {
      shell.remove()
    }
  },
}

export const readmeSteps: readonly Step[] = [anyCluster, script]
