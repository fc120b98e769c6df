/** Evaluations of Prometheus' scripts that the engine does not answer as Prometheus does, each with the reason. */
export const UNREACHED: ReadonlyMap<string, string> = new Map()
