import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import {
  duration,
  file,
  flag,
  type InvocationOf,
  integer,
  messageOf,
  number,
  oneOf,
  type ProgramSpec,
  packageVersion,
  required,
  text,
  UsageError,
  url,
  valueType,
} from '@node-to-cloud/command-line'
import type { LoadOverride } from './contract/api.ts'
import { masterEnvironment, runEnvironment, standaloneEnvironment, workerEnvironment } from './environment.ts'
import type { HeadlessOptions } from './headless/headless-run.ts'
import type { KubernetesOptions } from './kubernetes/kubernetes-run.ts'
import { DEFAULT_PERCENTILES, PERCENTILES_ALLOWED, readPercentiles } from './results/percentiles.ts'
import { parseRecord } from './script/plain-object.ts'
import { readTags } from './script/scenario-tags.ts'
import type { ReadScriptOptions } from './script/script.ts'

const MODES = ['standalone', 'master', 'worker'] as const

const MAX_LEVEL = 1_000_000
const DAY_MS = 86_400_000

const quantity = (options: { readonly default: string; readonly help: string }) =>
  valueType(
    'a Kubernetes quantity such as 500m or 512Mi',
    (value) => (/^\d+(\.\d+)?([mkMGT]|[KMGT]i)?$/.test(value) ? value : undefined),
    { placeholder: 'QUANTITY', ...options },
  )

function jsonObject(help: string) {
  return valueType(
    'a JSON object such as {"name": "value"}',
    (value): Readonly<Record<string, unknown>> | undefined => parseRecord(value),
    { placeholder: 'JSON', help },
  )
}

const expectWorkers = integer({
  min: 1,
  max: 10_000,
  default: 1,
  environment: 'LOAD_EXPECT_WORKERS',
  help: 'How many workers an automatic start waits for',
})

/** The script and its load: the same options on this machine and in a cluster. */
const scriptOptions = {
  target: url({
    short: 't',
    protocols: ['http:', 'https:', 'ws:', 'wss:'],
    example: 'http://127.0.0.1:8080',
    defaultText: "the script's config.target",
    help: 'Where to send the load',
  }),
  rate: number({
    min: 0,
    max: MAX_LEVEL,
    defaultText: "the script's phases or shape",
    help: 'Arrivals a second (open model)',
  }),
  users: integer({ min: 0, max: MAX_LEVEL, help: 'Concurrent users (closed model)' }),
  'spawn-rate': number({
    min: 0.001,
    max: MAX_LEVEL,
    defaultText: 'all at once',
    help: 'Users to start each second',
  }),
  duration: duration({
    bareSeconds: true,
    min: 1,
    max: DAY_MS,
    defaultText: 'as long as the script says',
    help: 'How long the load lasts',
  }),
  environment: text({ short: 'e', placeholder: 'NAME', help: "One of the script's config.environments" }),
  'scenario-name': text({
    placeholder: 'NAME',
    help: 'The one scenario to run; also a regular expression that only one name matches',
  }),
  tags: valueType('tags, separated by commas', readTags, {
    placeholder: 'LIST',
    help: 'Run only scenarios with one of these tags, such as smoke,checkout',
  }),
  'exclude-tags': valueType('tags, separated by commas', readTags, {
    placeholder: 'LIST',
    help: 'Skip scenarios with any of these tags',
  }),
  variables: jsonObject("Merged into the script's config.variables"),
  dotenv: file({
    placeholder: 'FILE',
    help: 'Set environment variables from a file; those already set keep their value',
  }),
  insecure: flag({ short: 'k', help: 'Do not check TLS certificates' }),
} as const

/** Options for the output. */
const resultOptions = {
  output: file({
    short: 'o',
    placeholder: 'FILE.json',
    help: "Write Artillery's JSON report: all metrics under Artillery's names, in total and for every 10 seconds",
  }),
  percentiles: valueType(PERCENTILES_ALLOWED, readPercentiles, {
    placeholder: 'LIST',
    defaultText: DEFAULT_PERCENTILES.join(','),
    help: 'The percentiles of response times in statistics and reports',
  }),
  report: file({ placeholder: 'FILE.html', help: 'Write a report with charts' }),
  csv: file({
    placeholder: 'PREFIX',
    help: 'Write PREFIX_stats.csv, PREFIX_failures.csv, PREFIX_exceptions.csv and PREFIX_stats_history.csv',
  }),
  junit: file({ placeholder: 'FILE.xml', help: 'Write a JUnit report, for a CI server' }),
  'fail-on-errors': flag({ help: 'Exit with 1 if any request failed' }),
  json: flag({ help: 'Print the summary as one JSON object' }),
  quiet: flag({ short: 'q', help: 'Print neither progress nor summary' }),
} as const

/** The command line of `loadtester`. */
export const PROGRAM = {
  name: 'loadtester',
  version: packageVersion(import.meta.url),
  summary: 'Runs load tests from Artillery scripts (.yml, .json, .ts), on one machine or many',
  defaultCommand: 'standalone',
  commands: {
    run: {
      summary: 'Run a script on this machine and print a summary',
      arguments: { SCRIPT: required(file({ help: 'An Artillery script' })) },
      options: {
        ...scriptOptions,
        workers: integer({ min: 1, max: 64, default: 1, help: 'Engine threads' }),
        'expect-workers': integer({
          min: 1,
          max: 1000,
          help: 'Wait for N workers on other machines (loadtester worker --master URL, with LOAD_TOKEN), which generate the load',
        }),
        config: file({
          short: 'c',
          placeholder: 'FILE',
          help: 'A file whose sections are merged into those of the script',
        }),
        overrides: jsonObject('Merged into the whole script; lists are replaced'),
        payload: file({ short: 'p', placeholder: 'FILE.csv', help: "The CSV file for the script's config.payload" }),
        bundle: flag({}),
        ...resultOptions,
      },
      environment: runEnvironment,
      details:
        'Exit code: 0; 1 if a bound of the script (ensure) is missed, an engine, a processor or a hook ended a virtual user with an error, or the run was aborted; with --fail-on-errors also if a request failed; artillery.suggestedExitCode of the script, if set; 2 for an invalid script, option or target.',
    },
    k8s: {
      summary: 'Run a script as a Kubernetes Job, through kubectl, and print a summary',
      arguments: { SCRIPT: required(file({ help: 'An Artillery script' })) },
      options: {
        ...scriptOptions,
        workers: integer({ min: 1, max: 1000, default: 1, help: 'Pods that generate load' }),
        context: text({ placeholder: 'NAME', defaultText: 'the current one', help: "kubectl's context" }),
        namespace: text({ short: 'n', placeholder: 'NAME', defaultText: "the context's", help: 'The namespace' }),
        image: text({
          placeholder: 'IMAGE',
          default: 'loadtester',
          environment: 'LOAD_IMAGE',
          help: 'The image of the load tester',
        }),
        cpu: quantity({ default: '1', help: 'CPUs of each worker' }),
        memory: quantity({ default: '512Mi', help: 'Memory of each worker' }),
        keep: flag({ help: 'Keep all objects in the cluster' }),
        'dry-run': flag({ help: 'Print the manifests as JSON, and create nothing' }),
        ...resultOptions,
      },
      details:
        'The script and the files it names are stored in a ConfigMap, the variables of --dotenv in a Secret; all objects are deleted at the end, or an hour later. Exit code: that of loadtester run in the cluster; 1 if it could not be run there; 2 for an invalid script or option.',
    },
    standalone: {
      summary: 'Run master and worker in one process, with the console on PORT',
      options: { 'expect-workers': expectWorkers },
      environment: {
        LOAD_MODE: oneOf(MODES, { help: 'The command to run if none is given' }),
        ...standaloneEnvironment,
      },
    },
    master: {
      summary: 'Serve the console, the REST API and merged results on PORT, and wait for workers',
      options: { 'expect-workers': expectWorkers },
      environment: masterEnvironment,
    },
    worker: {
      summary: 'Generate load for a master',
      options: {
        master: valueType(
          "the master's URL or host:port, such as http://127.0.0.1:8089",
          (value) => {
            const address = /^[a-z]+:\/\//i.test(value) ? value : `http://${value}`
            return URL.canParse(address) && /^(https?|wss?):$/.test(new URL(address).protocol) ? address : undefined
          },
          {
            default: 'http://127.0.0.1:8089',
            placeholder: 'URL',
            environment: 'LOAD_MASTER',
            help: "The master's URL",
          },
        ),
        'end-with-master': flag({ help: 'Exit once the master has ended' }),
      },
      environment: workerEnvironment,
    },
  },
} as const satisfies ProgramSpec

export type Invocation = InvocationOf<typeof PROGRAM>
export type RunInvocation = Invocation & { readonly command: 'run' }
export type KubernetesInvocation = Invocation & { readonly command: 'k8s' }

/** The program with the command that LOAD_MODE names as its default; reading `standalone` refuses any other value. */
export function programFor({ LOAD_MODE }: Readonly<Record<string, string | undefined>>) {
  return { ...PROGRAM, defaultCommand: MODES.find((mode) => mode === LOAD_MODE) ?? 'standalone' }
}

/**
 * The load that the options of `loadtester run` ask for.
 *
 * @throws UsageError for mutually exclusive options.
 */
export function loadOf({ options, calledAs: command }: RunInvocation | KubernetesInvocation): LoadOverride {
  const { rate, users, 'spawn-rate': spawnRate, duration: durationMs } = options
  if (rate !== undefined && users !== undefined)
    throw new UsageError('--rate (open model) and --users (closed model) are mutually exclusive', { command })
  if (spawnRate !== undefined && users === undefined) throw new UsageError('--spawn-rate needs --users', { command })
  return { rate, users, spawnRate, durationSeconds: durationMs === undefined ? undefined : durationMs / 1000 }
}

/**
 * Who generates the load of `loadtester run`.
 *
 * @throws UsageError if workers are expected but there is no token for them.
 */
export function fleetOf({ options, environment, given, calledAs: command }: RunInvocation): HeadlessOptions['fleet'] {
  const { workers: local, 'expect-workers': remote } = options
  if (remote === undefined) return { local }
  if (given.has('workers')) throw new UsageError('--workers and --expect-workers are mutually exclusive', { command })
  const { HOST: host, PORT: port, LOAD_TOKEN: token } = environment
  if (token === undefined)
    throw new UsageError('--expect-workers needs LOAD_TOKEN, which workers must send', { command })
  return { remote, host, port, token }
}

/** What the options of `loadtester run` change in the script. */
export function settingsOf({ options }: RunInvocation): Omit<ReadScriptOptions, 'testId'> {
  const { target, environment, variables, overrides, insecure, config, payload, 'scenario-name': scenario } = options
  const { tags, 'exclude-tags': excludeTags } = options
  return {
    ...{ target, environment, variables, overrides, scenario, tags, excludeTags },
    insecure: insecure || undefined,
    config: config === undefined ? undefined : resolve(config),
    payload: payload === undefined ? undefined : resolve(payload),
  }
}

/**
 * Sets the environment variables of a file that are not set yet.
 *
 * @throws UsageError if it can't be read.
 */
export function loadDotenv(path: string, command: string): void {
  try {
    process.loadEnvFile(path)
  } catch (error) {
    throw new UsageError(`--dotenv ${path} can't be read: ${messageOf(error)}`, { command })
  }
}

/**
 * What to run with `loadtester k8s`.
 *
 * @throws UsageError for mutually exclusive options, or a file of variables that can't be read.
 */
export function kubernetesOptionsOf(line: KubernetesInvocation): KubernetesOptions {
  const { options, calledAs: command } = line
  const { target, environment, variables, 'scenario-name': scenario, rate, users, duration: durationMs } = options
  const { 'spawn-rate': spawnRate, insecure, 'fail-on-errors': failOnErrors } = options
  const { tags, 'exclude-tags': excludeTags, percentiles } = options
  const given = {
    ...{ target, rate, users, environment, 'spawn-rate': spawnRate, 'scenario-name': scenario },
    duration: durationMs === undefined ? undefined : `${durationMs}ms`,
    variables: variables && JSON.stringify(variables),
    tags: tags?.join(','),
    'exclude-tags': excludeTags?.join(','),
    percentiles: percentiles?.join(','),
  }
  const flags = { insecure, 'fail-on-errors': failOnErrors }
  return {
    script: line.arguments.SCRIPT,
    settings: { target, environment, variables, scenario, tags, excludeTags, insecure: insecure || undefined },
    load: loadOf(line),
    runOptions: [
      ...Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
      ...Object.entries(flags).flatMap(([name, isSet]) => (isSet ? [`--${name}`] : [])),
    ],
    variables: options.dotenv === undefined ? {} : readDotenv(options.dotenv, command),
    cluster: { context: options.context, namespace: options.namespace },
    files: { report: options.report, csvPrefix: options.csv, junit: options.junit, output: options.output },
    dryRun: options['dry-run'],
    workers: options.workers,
    image: options.image,
    cpu: options.cpu,
    memory: options.memory,
    json: options.json,
    quiet: options.quiet,
    keep: options.keep,
  }
}

function readDotenv(path: string, command: string): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(
      Object.entries(parseEnv(readFileSync(path, 'utf8'))).map(([name, value]) => [name, value ?? '']),
    )
  } catch (error) {
    throw new UsageError(`--dotenv ${path} can't be read: ${messageOf(error)}`, { command })
  }
}
