import { readFile } from 'node:fs/promises'
import { messageOf, UsageError } from '@node-to-cloud/command-line'
import { type ConfigFile, parseConfigFile } from './config-file.ts'
import type { Flags } from './flags.ts'
import type { Identity } from './identity.ts'
import { PROGRAM } from './program.ts'
import { checkPrometheusFiles } from './prometheus-files.ts'
import { targetProblems } from './resource-values.ts'
import { parseScrapeConfig, ScrapeConfigError, type ScrapeJob } from './scrape-config.ts'

/**
 * Everything the user has configured: flags, the files they name, and which project and cluster the metrics belong to.
 */
export interface Config {
  readonly flags: Flags
  readonly identity: Identity
  readonly configFile: ConfigFile
  /** The jobs that the sidecar scrapes itself; undefined if Prometheus scrapes and sends. */
  readonly scrapeJobs: readonly ScrapeJob[] | undefined
}

/**
 * Reads the files that the flags name. Throws a {@link UsageError} or a `ScrapeConfigError` that names each problem.
 */
export async function readConfig(flags: Flags, identity: Identity): Promise<Config> {
  let configFile: ConfigFile = { metricRenames: new Map(), staticMetadata: new Map() }
  if (flags.configFile !== '') {
    const { config, problems } = parseConfigFile(await readText('--config-file', flags.configFile))
    if (problems.length > 0) throw usageError(problems.map((problem) => `${flags.configFile}: ${problem}`))
    configFile = config
  }
  if (flags.scrapeConfig === '') {
    const problems = await checkPrometheusFiles(flags.prometheus)
    if (problems.length > 0) throw usageError(problems)
    return { flags, identity, configFile, scrapeJobs: undefined }
  }
  const scrapeConfig = await readText('--scrape.config', flags.scrapeConfig)
  const scrapeJobs = parseScrapeConfig(scrapeConfig, flags.scrapeConfig)
  const problems = flags.metricsFormat === 'gmp' ? targetProblems(scrapeJobs) : []
  if (problems.length > 0) throw new ScrapeConfigError(flags.scrapeConfig, problems)
  return { flags, identity, configFile, scrapeJobs }
}

async function readText(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw usageError([`${flag}: ${file} can't be read (${messageOf(cause)})`], cause)
  }
}

function usageError(problems: readonly string[], cause?: unknown): UsageError {
  return new UsageError(problems, { command: PROGRAM.name, cause })
}
