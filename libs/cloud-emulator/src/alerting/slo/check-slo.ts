import { invalidField } from '../../api/rpc-error.ts'
import { singleMetricType } from '../../monitoring/filter/evaluate-filter.ts'
import { readFilter } from '../../monitoring/filter/read-filter.ts'
import { timestampToMicros } from '../../protos/timestamp.ts'
import { checkUserLabels } from '../resources/user-labels.ts'
import type {
  BasicSliMessage,
  RangeMessage,
  RequestBasedMessage,
  ServiceMessage,
  SloMessage,
  WindowsBasedMessage,
} from './slo.ts'

const MAX_NAME = 512
const DAY_SECONDS = 86_400
const MAX_DAYS = 30
const MAX_GOAL = 0.9999
const MIN_WINDOW = 60
/** DAY, WEEK, FORTNIGHT and MONTH of `google.type.CalendarPeriod`. */
const CALENDAR_PERIODS = [1, 2, 3, 4]

/** Throws INVALID_ARGUMENT with the path of the field if a service breaks a rule. */
export function checkService({ displayName, identifier, basicService, userLabels }: ServiceMessage): void {
  if ([...displayName].length > MAX_NAME)
    throw invalidField('service.display_name', displayName, `At most ${MAX_NAME} characters are allowed.`)
  if (identifier === undefined && !basicService?.serviceType)
    throw invalidField(
      'service.identifier',
      undefined,
      'The kind of service, such as custom, gke_service or basic_service, is required.',
    )
  checkUserLabels(userLabels, 'service.user_labels')
}

/** Throws INVALID_ARGUMENT with the path of the field if an objective breaks a rule. */
export function checkSlo(slo: SloMessage): void {
  const field = 'service_level_objective'
  if ([...slo.displayName].length > MAX_NAME)
    throw invalidField(`${field}.display_name`, slo.displayName, `At most ${MAX_NAME} characters are allowed.`)
  checkUserLabels(slo.userLabels, `${field}.user_labels`)
  if (!(slo.goal > 0 && slo.goal <= MAX_GOAL))
    throw invalidField(`${field}.goal`, String(slo.goal), `It must be above 0 and at most ${MAX_GOAL}.`)
  checkPeriod(slo, field)
  const sli = slo.serviceLevelIndicator
  const place = `${field}.service_level_indicator`
  if (!sli?.type) throw invalidField(place, undefined, 'One of basic_sli, request_based and windows_based is required.')
  if (sli.basicSli) checkBasicSli(sli.basicSli, `${place}.basic_sli`)
  if (sli.requestBased) checkRequestBased(sli.requestBased, `${place}.request_based`)
  if (sli.windowsBased) checkWindowsBased(sli.windowsBased, `${place}.windows_based`)
}

function checkPeriod({ period, rollingPeriod, calendarPeriod = 0 }: SloMessage, field: string): void {
  if (period === undefined)
    throw invalidField(`${field}.period`, undefined, 'rolling_period or calendar_period is required.')
  if (rollingPeriod) {
    const days = timestampToMicros(rollingPeriod) / 1e6 / DAY_SECONDS
    if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS)
      throw invalidField(
        `${field}.rolling_period`,
        `${days * DAY_SECONDS}s`,
        `It must be a whole number of days, from 1 to ${MAX_DAYS}.`,
      )
  } else if (!CALENDAR_PERIODS.includes(calendarPeriod))
    throw invalidField(
      `${field}.calendar_period`,
      String(calendarPeriod),
      'DAY, WEEK, FORTNIGHT and MONTH are supported.',
    )
}

function checkBasicSli({ sliCriteria, latency }: BasicSliMessage, field: string): void {
  if (!sliCriteria) throw invalidField(field, undefined, 'Either availability or latency is required.')
  const seconds = latency?.threshold ? timestampToMicros(latency.threshold) / 1e6 : 0
  if (latency && seconds <= 0)
    throw invalidField(`${field}.latency.threshold`, `${seconds}s`, 'A duration above zero is required.')
}

function checkRequestBased({ goodTotalRatio: ratio, distributionCut: cut }: RequestBasedMessage, field: string): void {
  if (ratio) {
    const filters = [
      ['good_service_filter', ratio.goodServiceFilter],
      ['bad_service_filter', ratio.badServiceFilter],
      ['total_service_filter', ratio.totalServiceFilter],
    ] as const
    const given = filters.filter(([, filter]) => filter !== '')
    if (given.length !== 2)
      throw invalidField(
        `${field}.good_total_ratio`,
        undefined,
        'Exactly two of good_service_filter, bad_service_filter and total_service_filter are required.',
      )
    for (const [name, filter] of given) checkFilter(filter, `${field}.good_total_ratio.${name}`)
  } else if (cut) {
    checkFilter(cut.distributionFilter, `${field}.distribution_cut.distribution_filter`)
    checkRange(cut.range, `${field}.distribution_cut.range`)
  } else throw invalidField(field, undefined, 'good_total_ratio or distribution_cut is required.')
}

function checkWindowsBased(windows: WindowsBasedMessage, field: string): void {
  const seconds = windows.windowPeriod ? timestampToMicros(windows.windowPeriod) / 1e6 : 0
  if (seconds < MIN_WINDOW || DAY_SECONDS % seconds !== 0)
    throw invalidField(`${field}.window_period`, `${seconds}s`, 'It must be at least 60s and divide a day evenly.')
  const { goodTotalRatioThreshold: ratio } = windows
  switch (windows.windowCriterion) {
    case 'goodBadMetricFilter':
      checkFilter(windows.goodBadMetricFilter ?? '', `${field}.good_bad_metric_filter`)
      return
    case 'goodTotalRatioThreshold':
      if (ratio?.performance) checkRequestBased(ratio.performance, `${field}.good_total_ratio_threshold.performance`)
      else if (ratio?.basicSliPerformance)
        checkBasicSli(ratio.basicSliPerformance, `${field}.good_total_ratio_threshold.basic_sli_performance`)
      else throw invalidField(`${field}.good_total_ratio_threshold`, undefined, 'Its performance is required.')
      return
    case 'metricMeanInRange':
    case 'metricSumInRange': {
      const range = windows.metricMeanInRange ?? windows.metricSumInRange
      const name = windows.metricMeanInRange ? 'metric_mean_in_range' : 'metric_sum_in_range'
      checkFilter(range?.timeSeries ?? '', `${field}.${name}.time_series`)
      checkRange(range?.range, `${field}.${name}.range`)
      return
    }
    default:
      throw invalidField(
        field,
        undefined,
        'One of good_bad_metric_filter, good_total_ratio_threshold, metric_mean_in_range and metric_sum_in_range is required.',
      )
  }
}

function checkFilter(filter: string, field: string): void {
  if (filter === '' || singleMetricType(readFilter(filter, field).filter) === undefined)
    throw invalidField(field, filter, 'must specify a restriction on "metric.type" in the filter.')
}

function checkRange(range: RangeMessage | null | undefined, field: string): void {
  if (!range) throw invalidField(field, undefined, 'The range is required.')
  if (Number.isNaN(range.min) || Number.isNaN(range.max) || range.min > range.max)
    throw invalidField(field, `${range.min} to ${range.max}`, 'Its min must not be above its max.')
}
