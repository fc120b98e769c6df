// Creates the Secret with the load tester's token unless it exists. Run by the init containers of master and workers.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'

const folder = process.env.SERVICE_ACCOUNT_DIR ?? '/var/run/secrets/kubernetes.io/serviceaccount'
// By its address, which needs no DNS.
const { KUBERNETES_SERVICE_HOST: host = 'kubernetes.default.svc', KUBERNETES_SERVICE_PORT: port = '443' } = process.env
const api = process.env.KUBERNETES_API ?? `https://${host.includes(':') ? `[${host}]` : host}:${port}`
const name = process.env.SECRET_NAME ?? 'loadtester-token'

const [bearer, namespace] = await Promise.all(
  ['token', 'namespace'].map(async (file) => (await readFile(`${folder}/${file}`, 'utf8')).trim()),
)
const url = `${api}/api/v1/namespaces/${namespace}/secrets`
const answer = await fetch(url, {
  method: 'POST',
  signal: AbortSignal.timeout(20_000),
  headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
  body: JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { 'app.kubernetes.io/part-of': 'node-to-cloud' } },
    type: 'Opaque',
    stringData: { token: randomBytes(24).toString('base64url') },
  }),
}).catch((error: Error) => new Response(String(error.cause ?? error), { status: 599 }))
if (answer.status === 201) console.log(`Secret ${namespace}/${name} created`)
else if (answer.status === 409) console.log(`Secret ${namespace}/${name} already exists: kept`)
else {
  console.error(`POST ${url}: ${answer.status} ${(await answer.text()).slice(0, 500)}`)
  process.exitCode = 1
}
