import { type Api, createApi } from './client/api.ts'
import { parseRoute } from './route.ts'

/** The emulator's own project. */
export const servedProject = document.querySelector<HTMLMetaElement>('meta[name=project]')?.content

const { page, parameters } = parseRoute(location.hash)
const asked = createApi(parameters.project || servedProject)
let summary: ReturnType<Api['summary']> | undefined = asked.summary()
let dashboards = page === 'dashboards' ? asked.dashboards() : undefined
// Errors are handled by the code that uses the response.
summary.catch(() => {})
dashboards?.catch(() => {})

/**
 * `api`, whose first responses are those that this module, which runs first, requested while the other modules were
 * loading.
 */
export function withEarlyAnswers(api: Api): Api {
  return {
    ...api,
    summary(signal) {
      const early = summary
      summary = undefined
      return early ?? api.summary(signal)
    },
    dashboards(signal) {
      const early = dashboards
      dashboards = undefined
      return early ?? api.dashboards(signal)
    },
  }
}
