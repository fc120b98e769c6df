import { type Api, createApi } from './client/api.ts'
import { parseRoute } from './route.ts'

/** The project that the page was served for. */
export const servedProject = document.querySelector<HTMLMetaElement>('meta[name=project]')?.content

const { page, parameters } = parseRoute(location.hash)
const asked = createApi(parameters.project || servedProject)
let summary: ReturnType<Api['summary']> | undefined = asked.summary()
let dashboards = page === 'dashboards' ? asked.dashboards() : undefined
// Whoever takes them deals with what went wrong.
summary.catch(() => {})
dashboards?.catch(() => {})

/** `api`, with the answers that this module, which the page runs first, asked for while the others were still on their way. */
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
