/**
 * What the metrics take over of the request that has just been answered. There is one at a time, written in place: the plugin sets it, then
 * has fastify-metrics observe it.
 */
export interface AnsweredRequest {
  /** The seconds from the request's arrival to the end of its answer. */
  durationSeconds: number
  /** Whether fastify-metrics has started a timer for it; a route can say that it is not to be observed. */
  hasTimer: boolean
  /** The trace id where the request's trace is sampled. */
  sampledTraceId: string | undefined
  /** The end of its answer, in seconds since 1970, where its trace is sampled. */
  endTimeSeconds: number
}

/** An answered request before there is one. */
export function noAnsweredRequest(): AnsweredRequest {
  return { durationSeconds: 0, hasTimer: false, sampledTraceId: undefined, endTimeSeconds: 0 }
}
