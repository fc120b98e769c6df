import { messageCodec } from '../../protos/registry.ts'
import type { TimestampMessage } from '../../protos/timestamp.ts'

/** `google.monitoring.v3.Service`. */
export interface ServiceMessage {
  name: string
  displayName: string
  /** The member of the oneof that is set, such as `custom`. */
  identifier?: string
  gkeNamespace?: { projectId: string } | null
  gkeWorkload?: { projectId: string } | null
  gkeService?: { projectId: string } | null
  basicService?: { serviceType: string; serviceLabels: Record<string, string> } | null
  telemetry?: { resourceName: string } | null
  userLabels: Record<string, string>
}

/** `google.monitoring.v3.ServiceLevelObjective`. */
export interface SloMessage {
  name: string
  displayName: string
  serviceLevelIndicator?: SliMessage | null
  goal: number
  period?: 'rollingPeriod' | 'calendarPeriod'
  rollingPeriod?: TimestampMessage | null
  calendarPeriod?: number
  userLabels: Record<string, string>
}

export interface SliMessage {
  type?: 'basicSli' | 'requestBased' | 'windowsBased'
  basicSli?: BasicSliMessage | null
  requestBased?: RequestBasedMessage | null
  windowsBased?: WindowsBasedMessage | null
}

export interface BasicSliMessage {
  sliCriteria?: 'availability' | 'latency'
  latency?: { threshold?: TimestampMessage | null } | null
}

export interface RangeMessage {
  min: number
  max: number
}

export interface RequestBasedMessage {
  method?: 'goodTotalRatio' | 'distributionCut'
  goodTotalRatio?: { goodServiceFilter: string; badServiceFilter: string; totalServiceFilter: string } | null
  distributionCut?: { distributionFilter: string; range?: RangeMessage | null } | null
}

export interface WindowsBasedMessage {
  windowCriterion?: 'goodBadMetricFilter' | 'goodTotalRatioThreshold' | 'metricMeanInRange' | 'metricSumInRange'
  goodBadMetricFilter?: string
  goodTotalRatioThreshold?: {
    type?: 'performance' | 'basicSliPerformance'
    performance?: RequestBasedMessage | null
    basicSliPerformance?: BasicSliMessage | null
    threshold: number
  } | null
  metricMeanInRange?: { timeSeries: string; range?: RangeMessage | null } | null
  metricSumInRange?: { timeSeries: string; range?: RangeMessage | null } | null
  windowPeriod?: TimestampMessage | null
}

export const serviceCodec = messageCodec<ServiceMessage>('google.monitoring.v3.Service')
export const sloCodec = messageCodec<SloMessage>('google.monitoring.v3.ServiceLevelObjective')
