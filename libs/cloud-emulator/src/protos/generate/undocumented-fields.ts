import type { DiscoverySchemas } from './discovery.ts'

const TEXT = { type: 'string' }
const BOOLEAN = { type: 'boolean' }
const INT64 = { type: 'string', format: 'int64' }
const BREAKDOWNS = { type: 'array', items: { $ref: 'Breakdown' } }

/** Fields that are in dashboards published by Google, but in neither its packages nor its discovery document. */
export const UNDOCUMENTED_FIELDS: DiscoverySchemas = {
  Breakdown: {},
  ChartOptions: { showLegend: BOOLEAN },
  Dashboard: { description: TEXT },
  IncidentList: { groupBy: TEXT, userLabels: { type: 'object', additionalProperties: TEXT } },
  OpsAnalyticsQuery: {
    queryExecutionRules: { $ref: 'QueryExecutionRules' },
    queryHandle: TEXT,
    savedQueryId: TEXT,
  },
  OpsAnalyticsSettings: { maxRows: INT64, pageSize: INT64, showFilterBar: BOOLEAN },
  PieChart: { showTotal: BOOLEAN, sliceAggregatedThreshold: { type: 'number', format: 'double' } },
  PieChartDataSet: { breakdowns: BREAKDOWNS },
  QueryExecutionRules: { useReservedSlots: BOOLEAN },
  TableDataSet: { breakdowns: BREAKDOWNS, secondary: BOOLEAN },
  TimeSeriesQuery: { apiSource: TEXT },
  TimeSeriesTable: { displayColumnType: BOOLEAN, opsAnalyticsSettings: { $ref: 'OpsAnalyticsSettings' } },
}
