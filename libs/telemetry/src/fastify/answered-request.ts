/**
 * What the metrics take over of the request that has just been answered. There is one at a time, written in place: the plugin's `onResponse` hook sets
 * it, and fastify-metrics' hook, which is the next one, observes it.
 */
export interface AnsweredRequest {
  /** The seconds from the request's arrival to the end of its answer, by Fastify's own clock (`reply.elapsedTime`). */
  durationSeconds: number
  /** The trace id where the request's trace is sampled. */
  sampledTraceId: string | undefined
  /** The end of its answer, in seconds since 1970, where its trace is sampled. */
  endTimeSeconds: number
}
