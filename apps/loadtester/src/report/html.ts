import type { RunReport } from './run-report.ts'

/** A run's report as one HTML file that needs nothing else. */
export async function renderReportHtml(report: RunReport): Promise<string> {
  return `<!doctype html><title>${report.script}</title><pre>${JSON.stringify(report)}</pre>`
}
