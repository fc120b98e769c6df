import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '@node-to-cloud/command-line'
import { checkPolicy } from '../alerting/policies/check-policy.ts'
import { policyFromJson } from '../alerting/policies/load-policies.ts'
import { alertPolicyCodec } from '../alerting/policies/policy.ts'
import { RpcError } from '../api/rpc-error.ts'
import type { Dashboard, Widget } from '../contract/dashboard.ts'
import { checkDashboard } from '../dashboards/check-dashboard.ts'
import { withoutVariables } from '../dashboards/check-queries.ts'
import { copyDashboard, dashboardCodec } from '../dashboards/dashboard.ts'
import { isObject } from '../protos/json-fields.ts'
import { messageFromJson, toJson } from '../protos/proto-json.ts'
import { firstDifference } from './round-trip.ts'
import { tileOutcome } from './tile-outcome.ts'

/** What is wrong with a file, and where. */
export interface CheckProblem {
  readonly file: string
  readonly message: string
}

/** A tile that shows a message in place of something that can't be drawn. */
export interface SaidTile {
  readonly file: string
  readonly title: string
  readonly says: string
}

export interface CheckReport {
  readonly dashboards: number
  readonly accepted: number
  readonly policies: number
  readonly policiesAccepted: number
  readonly tilesDrawn: number
  readonly tilesSaid: readonly SaidTile[]
  readonly problems: readonly CheckProblem[]
}

/** A path that can't be read. */
export class CheckPathError extends Error {
  override readonly name = 'CheckPathError'
  readonly code = 'ERR_CHECK_PATH'
  readonly exitCode = 2
}

const LAYOUTS = [
  'gridLayout',
  'mosaicLayout',
  'rowLayout',
  'columnLayout',
  'grid_layout',
  'mosaic_layout',
  'row_layout',
  'column_layout',
]

/**
 * Checks dashboards and alert policies. Each must be accepted and be returned unchanged; a dashboard must also have no
 * tile that is empty with generated data and doesn't say why. In folders, all `*.json` files that are a dashboard or a
 * policy, or not valid JSON, are checked; there must be at least one.
 */
export async function checkFiles(paths: readonly string[], options: { nowMs?: number } = {}): Promise<CheckReport> {
  const nowMicros = (options.nowMs ?? Date.now()) * 1000
  const report = {
    dashboards: 0,
    accepted: 0,
    policies: 0,
    policiesAccepted: 0,
    tilesDrawn: 0,
    tilesSaid: [] as SaidTile[],
    problems: [] as CheckProblem[],
  }
  const emptyFolders = new Set<string>()
  for (const { file, folder } of await filesIn(paths, emptyFolders)) {
    try {
      const json: unknown = JSON.parse(await readFile(file, 'utf8'))
      if (folder !== undefined && !isPolicy(json) && !isDashboard(json)) continue
      emptyFolders.delete(folder ?? '')
      if (isPolicy(json)) {
        report.policies++
        checkPolicyJson(json)
        report.policiesAccepted++
        continue
      }
      report.dashboards++
      const dashboard = acceptedDashboard(json)
      report.accepted++
      for (const { title, outcome } of tilesOf(dashboard, nowMicros)) {
        if (outcome.kind === 'drawn') report.tilesDrawn++
        else if (outcome.kind === 'said') report.tilesSaid.push({ file, title, says: outcome.says })
        else
          report.problems.push({
            file,
            message: `The tile "${title}" is empty with generated data, and does not say why.`,
          })
      }
    } catch (error) {
      if (!(error instanceof RpcError) && !(error instanceof SyntaxError)) throw error
      emptyFolders.delete(folder ?? '')
      report.problems.push({ file, message: error.message.replaceAll('\n', ' ') })
    }
  }
  for (const file of emptyFolders)
    report.problems.push({ file, message: 'The folder has no dashboard and no alert policy in a *.json file.' })
  return report
}

/** The folders are added to `folders`. */
async function filesIn(
  paths: readonly string[],
  folders: Set<string>,
): Promise<{ file: string; folder: string | undefined }[]> {
  const lists = paths.map(async (path) => {
    try {
      if (!(await stat(path)).isDirectory()) return [{ file: path, folder: undefined }]
      const names = (await readdir(path, { recursive: true })).filter((name) => name.endsWith('.json')).sort()
      folders.add(path)
      return names.map((name) => ({ file: join(path, name), folder: path }))
    } catch (cause) {
      throw new CheckPathError(
        `PATH "${path}" can't be used; it must be a dashboard or an alert policy as JSON, or a folder with them (${messageOf(cause)})`,
        { cause },
      )
    }
  })
  return (await Promise.all(lists)).flat()
}

function isDashboard(json: unknown): boolean {
  return isObject(json) && LAYOUTS.some((layout) => Object.hasOwn(json, layout))
}

function isPolicy(json: unknown): boolean {
  return isObject(json) && Array.isArray(json.conditions)
}

/** Throws INVALID_ARGUMENT or UNIMPLEMENTED if the API would reject a policy, or not return it unchanged. */
function checkPolicyJson(json: unknown): void {
  const policy = policyFromJson(json)
  checkPolicy(policy, { hasChannel: () => true, hasSlo: () => true, metric: () => undefined })
  const lost = firstDifference(
    json,
    toJson(alertPolicyCodec.type, messageFromJson(alertPolicyCodec, json, 'alert_policy')),
  )
  if (lost !== undefined) throw new RpcError('INTERNAL', `Field alert_policy.${lost} is not returned unchanged.`)
}

/** The dashboard as the API returns it. Throws INVALID_ARGUMENT. */
function acceptedDashboard(json: unknown): Dashboard {
  const message = messageFromJson(dashboardCodec, json, 'dashboard')
  checkDashboard(message)
  const stored = dashboardCodec.decode(dashboardCodec.encode(copyDashboard(message, {})))
  const back = toJson(dashboardCodec.type, stored)
  const lost = firstDifference(json, back)
  if (lost !== undefined) throw new RpcError('INTERNAL', `Field dashboard.${lost} is not returned unchanged.`)
  // The codec's JSON has the types of the contract.
  return back as Dashboard
}

function tilesOf(dashboard: Dashboard, nowMicros: number) {
  const filters = dashboard.dashboardFilters ?? []
  const variables = new Set(filters.map(({ templateVariable = '' }) => templateVariable))
  const values = new Map(
    filters
      .filter(({ filterType }) => filterType === 'VALUE_ONLY')
      .map(({ templateVariable = '', stringValue = '' }) => [templateVariable, stringValue]),
  )
  const fill = (filter: string): string => withoutVariables(filter, variables, values)
  return widgetsOf(dashboard).map((widget) => ({
    title: widget.title ?? '',
    outcome: tileOutcome(widget, { nowMicros, fill }),
  }))
}

function widgetsOf({ mosaicLayout, gridLayout, rowLayout, columnLayout }: Dashboard): Widget[] {
  const lines = [...(rowLayout?.rows ?? []), ...(columnLayout?.columns ?? [])]
  return [
    ...(mosaicLayout?.tiles ?? []).flatMap(({ widget }) => (widget ? [widget] : [])),
    ...(gridLayout?.widgets ?? []),
    ...lines.flatMap(({ widgets = [] }) => widgets),
  ]
}
