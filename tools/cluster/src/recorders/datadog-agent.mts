// Stands in for Datadog's agent: asks the kubelet of its node for the pods, and reads the metrics of those that the agent's own
// configuration names, as the agent does. Prints what it has read as one line of JSON.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'

interface KubeletPods {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string }
    readonly spec: { readonly containers: readonly { readonly image: string }[] }
    readonly status: { readonly podIP?: string }
  }[]
}

const folder = '/var/run/secrets/kubernetes.io/serviceaccount'
const host = process.env.DD_KUBERNETES_KUBELET_HOST
const configuration = await readFile('/etc/datadog-agent/conf.d/openmetrics.d/conf.yaml', 'utf8')

/** The items of a list in the configuration. */
function listOf(name: string): readonly string[] {
  const [, items = ''] = new RegExp(`^ *${name}:\\n((?: +- .*\\n)+)`, 'm').exec(configuration) ?? []
  return [...items.matchAll(/- (.*)/g)].map(([, item = '']) => item)
}

const identifiers = new Set(listOf('ad_identifiers'))
const patterns = listOf('metrics').map((text) => new RegExp(`^(?:${text})$`))

/** The kubelet's certificate is the cluster's own affair; what is tried here is whether the account may ask. */
async function pods(): Promise<KubeletPods> {
  const token = await readFile(`${folder}/token`, 'utf8')
  const options = {
    headers: { authorization: `Bearer ${token}` },
    agent: new Agent({ rejectUnauthorized: false }),
  }
  return new Promise((resolve, reject) => {
    request(`https://${host}:10250/pods`, options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text))
        else reject(new Error(`kubelet: ${response.statusCode} ${text.slice(0, 200)}`))
      })
    })
      .on('error', reject)
      .end()
  })
}

/** An image's name without registry and tag, by which the agent identifies a container. */
const shortName = (image: string): string => (image.split('/').at(-1) ?? '').split(/[:@]/)[0] ?? ''

/** How many samples of the wanted metrics a pod has. */
async function samplesOf(address: string): Promise<number> {
  const response = await fetch(`http://${address}:9090/metrics`, { signal: AbortSignal.timeout(5000) })
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.filter((line) => patterns.some((pattern) => pattern.test(line.split(/[{ ]/)[0] ?? ''))).length
}

async function collect(): Promise<Readonly<Record<string, number>>> {
  const namespace = process.env.RECORDED_NAMESPACE
  const samples: Record<string, number> = {}
  for (const { metadata, spec, status } of (await pods()).items) {
    const wanted =
      metadata.namespace === namespace && spec.containers.some(({ image }) => identifiers.has(shortName(image)))
    if (wanted && status.podIP !== undefined) samples[metadata.name] = await samplesOf(status.podIP)
  }
  return samples
}

createServer((_, response) => response.end('ok')).listen(5555)
process.once('SIGTERM', () => process.exit(0))
for (;;) {
  const line = await collect().then(
    (samples) => ({ samples }),
    (error: unknown) => ({ error: error instanceof Error ? `${error.message} ${error.cause ?? ''}` : String(error) }),
  )
  console.log(JSON.stringify(line))
  await new Promise((resolve) => setTimeout(resolve, 5000))
}
