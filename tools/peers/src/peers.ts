import { join } from 'node:path'

/** A command that builds a peer. */
export interface BuildStep {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A program of others that checks run against. */
export interface Peer {
  /** The folder below `tools/peers` whose files determine what is built. Peers of one source are built together. */
  readonly source: string
  /** The program that builds it, which must be in PATH. */
  readonly toolchain: 'go' | 'python3'
  /** The program, relative to the folder it is built into. */
  readonly program: string
  /** How to build it into `outDir`, run in the source folder. */
  build(outDir: string): readonly BuildStep[]
}

/** Prometheus' discoveries that are built in: one for clusters, two for files and HTTP. The others pull in every cloud's SDK. */
const DISCOVERY_TAGS = 'remove_all_sd,enable_kubernetes_sd,enable_file_sd,enable_http_sd'

function goBuild(outDir: string, packages: readonly string[], linkerFlags = '-s -w'): BuildStep {
  return {
    command: 'go',
    args: [
      'build',
      '-trimpath',
      '-tags',
      `${DISCOVERY_TAGS},netgo`,
      '-ldflags',
      linkerFlags,
      '-o',
      `${outDir}/`,
      ...packages,
    ],
    env: { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -p=1' },
  }
}

function buildPrometheus(outDir: string): readonly BuildStep[] {
  const commands = ['prometheus', 'promtool'].map((name) => `github.com/prometheus/prometheus/cmd/${name}`)
  return [goBuild(outDir, commands, '-s -w -X github.com/prometheus/common/version.Version=3.16.0')]
}

function buildVirtualEnvironment(outDir: string): readonly BuildStep[] {
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement']
  return [
    { command: 'python3', args: ['-m', 'venv', outDir] },
    { command: join(outDir, 'bin/python3'), args: [...install, 'requirements.txt'] },
  ]
}

/** Every peer by its name. */
export const PEERS = {
  prometheus: { source: 'prometheus', toolchain: 'go', program: 'prometheus', build: buildPrometheus },
  promtool: { source: 'prometheus', toolchain: 'go', program: 'promtool', build: buildPrometheus },
  'opentelemetry-collector': {
    source: 'opentelemetry-collector',
    toolchain: 'go',
    program: 'opentelemetry-collector',
    build: (outDir) => [goBuild(outDir, ['.'])],
  },
  actionlint: {
    source: 'actionlint',
    toolchain: 'go',
    program: 'actionlint',
    build: (outDir) => [goBuild(outDir, ['github.com/rhysd/actionlint/cmd/actionlint'])],
  },
  locust: {
    source: 'locust',
    toolchain: 'python3',
    program: 'bin/locust',
    build: buildVirtualEnvironment,
  },
  gunicorn: {
    source: 'gunicorn',
    toolchain: 'python3',
    program: 'bin/gunicorn',
    build: buildVirtualEnvironment,
  },
} as const satisfies Readonly<Record<string, Peer>>

export type PeerName = keyof typeof PEERS

/** Whether a peer has this name. */
export function isPeerName(name: string): name is PeerName {
  return Object.hasOwn(PEERS, name)
}
