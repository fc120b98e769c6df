import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, test } from 'node:test'
import { Ajv } from 'ajv'
import { readWorkspaces } from '../src/image/workspaces.ts'
import { rootDir } from '../src/repository.ts'
import { readSkaffoldModules } from '../src/skaffold/configuration.ts'
import { checkForKubectl, readDeployArguments } from '../src/skaffold/deploy-arguments.ts'
import { planDeployment } from '../src/skaffold/deploy-with-kubectl.ts'
import { chooseDeployer, prerequisitesFor } from '../src/skaffold/prerequisites.ts'
import { compositions } from './kustomize/compositions.ts'
import { OWN_IMAGES } from './rules/images.ts'

interface Target {
  readonly command?: string
  readonly parallelism?: boolean
  readonly dependsOn?: readonly string[]
}

/** The nx targets of a project. */
function targetsOf(folder: string): Readonly<Record<string, Target>> {
  return JSON.parse(readFileSync(join(rootDir, folder, 'package.json'), 'utf8')).nx?.targets ?? {}
}

const modules = readSkaffoldModules()
const schemaFile = process.env.SKAFFOLD_SCHEMA ?? join(rootDir, '../shared/schemas/skaffold-v4beta12.json')

test('every module fits the schema of skaffold/v4beta12', {
  skip: !existsSync(schemaFile) && `no ${schemaFile}: set SKAFFOLD_SCHEMA to a copy of skaffold's v4beta12.json`,
}, () => {
  const validate = new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(schemaFile, 'utf8')))
  for (const module of modules) {
    assert.ok(validate(module), `${module.metadata.name}: ${JSON.stringify(validate.errors, null, 1)}`)
  }
  assert.ok(!validate({ ...modules[0], sped: {} }), 'the schema refuses an unknown field')
})

test('one module for each app and one for monitoring, each with the same profiles', () => {
  assert.deepEqual(
    modules.map(({ metadata }) => metadata.name),
    ['flask-app', 'custom-metrics-example', 'loadtester', 'monitoring'],
  )
  for (const { metadata, profiles } of modules) {
    const names = profiles.map(({ name }) => name)
    const expected =
      metadata.name === 'monitoring' ? ['gcb', 'local', 'gmp', 'stackdriver-sidecar', 'datadog'] : ['gcb', 'local']
    assert.deepEqual(names, expected, metadata.name)
  }
})

test('modules and profiles apply kustomizations that exist, and build Dockerfiles that exist', () => {
  const known = compositions().map((folder) => `deploy/${folder}`)
  const images = new Set<string>()
  for (const module of modules) {
    for (const { manifests, build } of [module, ...module.profiles]) {
      for (const path of manifests?.kustomize.paths ?? []) assert.ok(known.includes(path), path)
      for (const { image, docker } of build?.artifacts ?? []) {
        images.add(image)
        assert.ok(existsSync(join(rootDir, docker.dockerfile)), docker.dockerfile)
      }
    }
  }
  assert.deepEqual([...images].sort(), [...OWN_IMAGES].sort())
})

test('every module builds for both platforms, and its images are tagged by the commit', () => {
  for (const { metadata, build } of modules) {
    assert.deepEqual(build.platforms, ['linux/amd64', 'linux/arm64'], metadata.name)
    assert.deepEqual(build.tagPolicy, { gitCommit: {} }, metadata.name)
  }
})

test('each module builds its own project alone, and the project’s target deploy deploys it, one at a time', () => {
  const projects = new Map([...readWorkspaces(rootDir).values()].map(({ folder }) => [folder, targetsOf(folder)]))
  const deployed = [...projects].flatMap(([folder, { deploy }]) => (deploy ? [{ folder, deploy }] : []))
  for (const { folder, deploy } of deployed) {
    const module = deploy.command?.split(' ').at(-1)
    assert.equal(deploy.command, `node deploy/src/skaffold/deploy-module.ts ${module}`, folder)
    assert.equal(deploy.parallelism, false, `${folder}: two deploys at once`)
    assert.equal(deploy.dependsOn, undefined, `${folder}: skaffold builds`)
    const found = modules.find(({ metadata }) => metadata.name === module)
    assert.ok(found, `${folder} deploys ${module}`)
    if (folder === 'deploy') assert.equal(module, 'monitoring')
    else
      assert.deepEqual(
        found.build.artifacts.map(({ image, docker }) => [image, docker.dockerfile]),
        [[basename(folder), `${folder}/Dockerfile`]],
      )
  }
  assert.equal(deployed.length, modules.length)
})

describe('the deployer', () => {
  const programs = (...args: string[]) => {
    const { deployer = 'skaffold', profiles } = readDeployArguments(args, {})
    return prerequisitesFor(deployer, profiles).map(({ program }) => program)
  }

  test('needs Docker only to build with skaffold', () => {
    assert.deepEqual(programs(), ['skaffold', 'kubectl', 'docker'])
    assert.deepEqual(programs('--profile=local'), ['skaffold', 'kubectl', 'docker'])
    assert.deepEqual(programs('--deployer=kubectl'), ['kubectl'])
    for (const args of [['--profile=gcb'], ['-p', 'gcb'], ['--profile', 'gcb'], ['--profile=gmp,gcb']]) {
      assert.deepEqual(programs(...args), ['skaffold', 'kubectl'], args.join(' '))
    }
  })

  test('is kubectl where skaffold is missing or could not build', () => {
    const bin = mkdtempSync(join(tmpdir(), 'deployer-'))
    try {
      assert.equal(chooseDeployer([], bin), 'kubectl')
      assert.equal(chooseDeployer(['gcb'], bin), 'skaffold')
      writeFileSync(join(bin, 'skaffold'), '', { mode: 0o755 })
      assert.equal(chooseDeployer([], bin), 'kubectl')
      writeFileSync(join(bin, 'docker'), '', { mode: 0o755 })
      assert.equal(chooseDeployer([], bin), 'skaffold')
    } finally {
      rmSync(bin, { recursive: true })
    }
  })

  test('gets the registry from skaffold’s option or variable, and leaves other options to skaffold', () => {
    const env = { SKAFFOLD_DEFAULT_REPO: 'registry.example/a' }
    assert.equal(readDeployArguments([], env).defaultRepo, 'registry.example/a')
    assert.equal(readDeployArguments(['-d', 'registry.example/b'], env).defaultRepo, 'registry.example/b')
    assert.deepEqual(readDeployArguments(['--deployer', 'skaffold', '--tail', '-p', 'gmp'], env).skaffoldArgs, [
      '--tail',
      '-p',
      'gmp',
    ])
    assert.throws(() => readDeployArguments(['--deployer=helm']), /--deployer "helm" must be skaffold or kubectl/)
  })

  test('gets profiles, namespace and context from skaffold’s variables too, and an option wins', () => {
    const env = { SKAFFOLD_PROFILE: 'local,gmp', SKAFFOLD_NAMESPACE: 'a', SKAFFOLD_KUBE_CONTEXT: 'kind-a' }
    const { profiles, namespace, kubeContext } = readDeployArguments([], env)
    assert.deepEqual(
      { profiles, namespace, kubeContext },
      { profiles: ['local', 'gmp'], namespace: 'a', kubeContext: 'kind-a' },
    )
    assert.deepEqual(readDeployArguments(['--profile=datadog'], env).profiles, ['datadog'])
    assert.equal(readDeployArguments(['--kube-context=kind-b'], env).kubeContext, 'kind-b')
    assert.equal(
      readDeployArguments(['--default-repo='], { SKAFFOLD_DEFAULT_REPO: 'registry.example/a' }).defaultRepo,
      undefined,
    )
  })

  test('refuses an option without its value', () => {
    for (const [args, option] of [
      [['--deployer'], '--deployer'],
      [['--default-repo', '--profile=gcb'], '--default-repo'],
      [['-d'], '-d'],
      [['--namespace='], '--namespace'],
      [['--profile', '-n', 'a'], '--profile'],
    ] as const) {
      assert.throws(() => readDeployArguments(args, {}), { name: 'TypeError', message: `${option} needs a value` })
    }
  })

  test('kubectl refuses what only skaffold understands, and a registry or namespace that can’t be one', () => {
    for (const [args, message] of [
      [['--tail'], /^--tail needs skaffold; kubectl allows --profile, /],
      [['--tag', 'v1'], /^--tag, v1 needs skaffold/],
      [
        ['--default-repo=https://registry.example/p'],
        /^the registry "https:\/\/registry\.example\/p" must be a host and path/,
      ],
      [['--default-repo=registry.example/p/'], /^the registry "registry\.example\/p\/" must be/],
      [['--namespace', 'Mine'], /^the namespace "Mine" must be up to 63 of a-z, 0-9 and -$/],
    ] as const) {
      assert.throws(() => checkForKubectl(readDeployArguments(args, {})), { name: 'TypeError', message })
    }
    for (const repo of [
      'me',
      'localhost:5000',
      'us-central1-docker.pkg.dev/my-project/node-to-cloud',
      'registry.example:443/a_b/c',
    ]) {
      checkForKubectl(
        readDeployArguments([`--default-repo=${repo}`, '-n', 'mine', '-p', 'local', '--kube-context=k'], {}),
      )
    }
  })

  test('kubectl builds and applies what the profiles say', () => {
    const plan = (...args: [string, ...string[]]) => planDeployment(modules, args[0], args.slice(1))
    assert.deepEqual(plan('flask-app'), {
      images: [{ name: 'flask-app', folder: 'apps/flask-app' }],
      kustomizations: ['deploy/overlays/gke/flask-app'],
    })
    assert.deepEqual(
      plan('monitoring', 'local').images.map(({ name }) => name),
      ['prometheus-sidecar', 'cloud-emulator'],
    )
    assert.deepEqual(plan('monitoring', 'gmp'), { images: [], kustomizations: ['deploy/overlays/gke/monitoring-gmp'] })
    assert.deepEqual(plan('flask-app', 'gmp'), plan('flask-app'))
    assert.throws(() => plan('flask-app', 'gcb'), /gcb needs skaffold/)
    assert.throws(() => plan('flask-app', 'prod'), /--profile "prod" must be one of gcb, local/)
  })
})

describe('the deploy target', () => {
  const main = join(import.meta.dirname, '../src/skaffold/deploy-module.ts')
  const run = (programs: Record<string, string>, args: string[]) => {
    const bin = mkdtempSync(join(tmpdir(), 'deploy-module-'))
    try {
      for (const [name, script] of Object.entries(programs)) {
        writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
      }
      const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
        env: { PATH: bin },
        encoding: 'utf8',
      })
      return { status, stdout, stderr: stderr.trim() }
    } finally {
      rmSync(bin, { recursive: true })
    }
  }
  const there = { skaffold: 'echo "$@"', kubectl: 'exit 0', docker: 'exit 0' }
  const { skaffold: _skaffold, ...withoutSkaffold } = there
  const { docker: _docker, ...withoutDocker } = there

  for (const [name, programs, args, code, message] of [
    [
      'no skaffold, though it is asked for',
      withoutSkaffold,
      ['flask-app', '--deployer=skaffold'],
      1,
      /^deploy flask-app: skaffold is not installed; install it: https/,
    ],
    ['an unknown deployer', there, ['flask-app', '--deployer=helm'], 2, /^deploy flask-app: --deployer "helm" must be/],
    [
      'no kubectl',
      { skaffold: 'exit 0' },
      ['flask-app'],
      1,
      /^deploy flask-app: kubectl is not installed; install it: https/,
    ],
    [
      'no docker for skaffold',
      withoutDocker,
      ['loadtester', '--deployer=skaffold'],
      1,
      /^deploy loadtester: docker is not installed; .*--profile=gcb$/,
    ],
    [
      'no builder for kubectl',
      { kubectl: 'exit 0' },
      ['loadtester'],
      1,
      /^deploy loadtester: nothing on this machine can build images/,
    ],
    [
      'no cluster',
      { ...there, kubectl: 'exit 1' },
      ['monitoring'],
      1,
      /^deploy monitoring: kubectl can't reach a cluster; set its context/,
    ],
    [
      'a context that answers not',
      { ...there, kubectl: '[ "$1 $2" = "--context kind-a" ] && exit 1' },
      ['monitoring', '--kube-context=kind-a'],
      1,
      /^deploy monitoring: kubectl can't reach the cluster of the context "kind-a"; see kubectl config get-contexts$/,
    ],
    [
      'an option of skaffold’s where kubectl deploys',
      { kubectl: 'exit 0' },
      ['monitoring', '--tail'],
      2,
      /^deploy monitoring: --tail needs skaffold; kubectl allows --profile, /,
    ],
    [
      'a failing skaffold',
      { ...there, skaffold: 'exit 3' },
      ['monitoring'],
      1,
      /^deploy monitoring: skaffold exited with 3$/,
    ],
    [
      'an unknown module',
      there,
      ['nothing'],
      2,
      /^deploy nothing: no such module in skaffold.yaml; allowed: flask-app, /,
    ],
  ] as const) {
    test(`${name}: one line that says what to do`, () => {
      const { status, stderr } = run(programs, [...args])
      assert.match(stderr, message)
      assert.equal(stderr.split('\n').length, 1)
      assert.equal(status, code)
    })
  }

  const says = (program: string) => `echo ${program} "$@"`
  /** Deploys with programs that print their arguments, in a repository whose commit is as given. */
  const deployed = (commit: string, ...args: string[]) => {
    const kubectl = `[ "$1" = kustomize ] && printf 'kind: Deployment\\nmetadata:\\n  name: flask-app-tutorial\\n' || ${says('kubectl')}`
    const git = `echo ${commit}`
    const { status, stdout, stderr } = run({ kubectl, git, buildah: says('buildah') }, ['flask-app', ...args])
    assert.equal(status, 0, stderr)
    return stdout
  }

  test('kubectl uses the context and namespace it is given', () => {
    const output = deployed('abc1234', '--kube-context=kind-a', '-n', 'mine')
    const calls = output.split('\n').filter((line) => line.startsWith('kubectl'))
    assert.deepEqual(
      calls.map((line) => line.replace(/ --kustomize .*/, '')),
      [
        'kubectl apply --context kind-a --namespace mine',
        'kubectl rollout status --context kind-a --namespace mine deployment/flask-app-tutorial --timeout=600s',
      ],
    )
  })

  test('the tag is the commit, and another one each time when files differ from it', () => {
    const pushed = (commit: string) =>
      /^buildah push (.*)$/m.exec(deployed(commit, '--default-repo=registry.example/p'))?.[1]
    assert.equal(pushed('abc1234'), 'registry.example/p/flask-app:abc1234')
    assert.match(pushed('abc1234-dirty') ?? '', /^registry\.example\/p\/flask-app:abc1234-dirty-\d{14}$/)
  })

  test('runs skaffold for that module alone, with the options it is given', () => {
    const { status, stdout } = run(withoutDocker, ['flask-app', '--profile=gcb', '--default-repo=registry.example/p'])
    assert.equal(status, 0)
    assert.equal(
      stdout.trim(),
      'run --filename=skaffold.yaml --module=flask-app --profile=gcb --default-repo=registry.example/p',
    )
  })
})
