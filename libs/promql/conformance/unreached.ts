/** Evaluations of Prometheus' test scripts whose results differ in this engine, each with the reason. */
export const UNREACHED: ReadonlyMap<string, string> = new Map()
