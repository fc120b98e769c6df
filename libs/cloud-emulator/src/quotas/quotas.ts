/** What Cloud Monitoring allows a project. */
export interface Quotas {
  /** Time series of one type of monitored resource. */
  readonly activeSeries: number
  /** Requests a minute to write time series, to read them, and to all other methods, each; `Infinity`: no limit. */
  readonly requestsPerMinute: number
  /** The least time between two points of a series. */
  readonly samplingPeriodMicros: number
}

export const DEFAULT_QUOTAS: Quotas = {
  activeSeries: 200_000,
  requestsPerMinute: 60_000,
  samplingPeriodMicros: 5_000_000,
}
