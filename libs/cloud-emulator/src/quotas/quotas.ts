/** Cloud Monitoring's quotas of a project. */
export interface Quotas {
  /** Time series of one type of monitored resource. */
  readonly activeSeries: number
  /**
   * Requests per minute for writing time series, for reading them, and for all other methods, each; `Infinity`: no
   * limit.
   */
  readonly requestsPerMinute: number
  /** The minimum time between two points of a series. */
  readonly samplingPeriodMicros: number
}

export const DEFAULT_QUOTAS: Quotas = {
  activeSeries: 200_000,
  requestsPerMinute: 60_000,
  samplingPeriodMicros: 5_000_000,
}
