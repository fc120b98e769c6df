import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT_DIR } from '../repository.ts'
import { expect, type Step } from '../step.ts'
import { until } from '../wait.ts'

interface Summary {
  readonly requests: number
  readonly failures: number
  readonly planned?: number
  readonly arrivals: number
}

/** A small node has no processor for each worker, which is the default. */
const WORKERS = ['--workers', '2', '--cpu', '300m', '--memory', '256Mi'] as const

const loadJob: Step = {
  name: 'a load test as a Job, with network policies: `loadtester k8s`',
  short: false,
  async run({ installation }) {
    const { kubectl, namespace, images } = installation
    const image = images.find(({ name }) => name === 'loadtester')
    const reference = image === undefined ? 'loadtester' : `${image.newName}:${image.newTag}`
    const apps = join(ROOT_DIR, 'apps/loadtester')
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        ...[join(apps, 'bin/loadtester.js'), 'k8s', join(apps, 'scripts/default.yml')],
        ...['--target', 'http://flask-app-tutorial', '--rate', '20', '--duration', '20s', ...WORKERS],
        ...['--context', kubectl.context, '--namespace', namespace, '--image', reference, '--fail-on-errors', '--json'],
      ],
      { timeout: 240_000, maxBuffer: 16 * 1024 * 1024 },
    )
    const summary: Summary = JSON.parse(stdout.slice(stdout.indexOf('{')))
    expect(summary.requests === 400, `${summary.requests} requests of 400: ${JSON.stringify(summary).slice(0, 300)}`)
    await until('its objects are gone', 60_000, async () => {
      const left = await kubectl.run(['get', 'jobs', '--output=name'])
      return left.stdout.trim() === '' ? true : undefined
    })
    return `${summary.requests} requests by two pods, ${summary.failures} failed; nothing left`
  },
}

export const loadJobSteps: readonly Step[] = [loadJob]
