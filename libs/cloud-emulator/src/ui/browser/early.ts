import { createApi } from './client/api.ts'
import { type EarlyAnswers, servedProject } from './early-answers.ts'
import { parseRoute } from './route.ts'

/** The entry of a small script: it sends the first requests of a view while the browser compiles the script of the pages. */
const { page, parameters } = parseRoute(location.hash)
const api = createApi(parameters.project || servedProject())
const answers: EarlyAnswers = {
  summary: api.summary(),
  dashboards: page === 'dashboards' ? api.dashboards() : undefined,
}
// Errors are handled by the code that uses the response.
answers.summary?.catch(() => {})
answers.dashboards?.catch(() => {})
window.earlyAnswers = answers

// The first use of each takes up to 20 ms, because the browser loads its locale data. Charts need both.
new Intl.NumberFormat(navigator.language).format(0)
new Intl.DateTimeFormat().resolvedOptions()
