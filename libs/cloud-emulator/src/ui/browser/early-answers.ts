import type { Dashboard } from '../../contract/dashboard.ts'
import type { Summary } from '../../contract/summary.ts'
import type { Api } from './client/api.ts'

/** The responses to the requests of `early.ts`. Each is used once. */
export interface EarlyAnswers {
  summary: Promise<Summary> | undefined
  dashboards: Promise<readonly Dashboard[]> | undefined
}

declare global {
  interface Window {
    /** Undefined if the script of the pages runs first; it then sends the requests itself. */
    earlyAnswers?: EarlyAnswers
  }
}

/** The emulator's own project. */
export function servedProject(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name=project]')?.content
}

/** `api` with the first answers replaced by those to the early requests, if there were any. */
export function withEarlyAnswers(api: Api, early: EarlyAnswers | undefined): Api {
  if (early === undefined) return api
  const take = <Name extends keyof EarlyAnswers>(name: Name): EarlyAnswers[Name] => {
    const answer = early[name]
    early[name] = undefined
    return answer
  }
  return {
    ...api,
    summary: (signal) => take('summary') ?? api.summary(signal),
    dashboards: (signal) => take('dashboards') ?? api.dashboards(signal),
  }
}
