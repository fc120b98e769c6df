import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import { RpcError } from '../api/rpc-error.ts'
import { messageFromJson } from '../protos/proto-json.ts'
import { copyDashboard, dashboardCodec } from './dashboard.ts'
import type { DashboardStore } from './dashboard-store.ts'

/** `--dashboards` can't be read. The process exits with `exitCode`. */
export class DashboardsFolderError extends Error {
  override readonly name = 'DashboardsFolderError'
  readonly code = 'ERR_DASHBOARDS_FOLDER'
  readonly exitCode = 2
}

/**
 * Loads every `*.json` file of a directory as a dashboard with the file's name as ID. Returns what could not be loaded,
 * and why.
 */
export async function loadDashboards(
  store: DashboardStore,
  options: { directory: string; projectId: string },
): Promise<{ loaded: number; problems: string[] }> {
  const { directory, projectId } = options
  const problems: string[] = []
  let loaded = 0
  for (const file of (await listFiles(directory)).filter((name) => name.endsWith('.json')).sort()) {
    try {
      const json: unknown = JSON.parse(await readFile(join(directory, file), 'utf8'))
      const dashboard = messageFromJson(dashboardCodec, json, 'dashboard')
      const name = `projects/${projectId}/dashboards/${basename(file, '.json')}`
      store.create(projectId, copyDashboard(dashboard, { name, etag: '' }), { validateOnly: false })
      loaded++
    } catch (error) {
      if (!(error instanceof RpcError) && !(error instanceof SyntaxError)) throw error
      problems.push(`${file}: ${error.message}`)
    }
  }
  return { loaded, problems }
}

async function listFiles(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (cause) {
    throw new DashboardsFolderError(
      `--dashboards "${directory}" can't be used; it must be a folder with dashboards as *.json files (${messageOf(cause)})`,
      { cause },
    )
  }
}
