import type { Installation } from '../installation.ts'
import { READY_MS, until } from '../wait.ts'

/** Requests URLs from a pod that does not belong to the pipeline, and returns those that respond. */
export async function reachedFromOutside(installation: Installation, urls: readonly string[]): Promise<string[]> {
  const { kubectl } = installation
  const deployment = await kubectl.json<{ spec: { template: { spec: { containers: { image: string }[] } } } }>(
    ...['get', 'deployment', 'flask-app-tutorial'],
  )
  const image = deployment.spec.template.spec.containers[0]?.image
  const script = `
for (const url of ${JSON.stringify(urls)}) {
  await fetch(url, { signal: AbortSignal.timeout(3000) }).then(() => console.log('answered ' + url), () => {})
}`
  const securityContext = {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    runAsUser: 65532,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  }
  const command = ['/nodejs/bin/node', '--input-type=module', '-e', script]
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'stranger' },
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'stranger', image, imagePullPolicy: 'IfNotPresent', command, securityContext }],
    },
  }
  await kubectl.run(['apply', '--filename', '-'], { input: JSON.stringify(pod) })
  try {
    await until('the stranger is done', READY_MS, async () => {
      const { status } = await kubectl.json<{ status: { phase: string } }>('get', 'pod', 'stranger')
      return status.phase === 'Succeeded' || status.phase === 'Failed' ? true : undefined
    })
    const { stdout } = await kubectl.run(['logs', 'stranger'])
    return [...stdout.matchAll(/^answered (.*)$/gm)].map(([, url = '']) => url)
  } finally {
    await kubectl.run(['delete', 'pod', 'stranger', '--grace-period=0', '--force'])
  }
}
