import type { TestContext } from 'node:test'
import { MetricServiceClient } from '@google-cloud/monitoring'
import { credentials } from '@grpc/grpc-js'

/** Google's own Cloud Monitoring client, connected to an emulator and closed after the test. */
export function metricClient(context: TestContext, emulator: { readonly grpcPort: number }): MetricServiceClient {
  const client = new MetricServiceClient({
    apiEndpoint: '127.0.0.1',
    port: emulator.grpcPort,
    sslCreds: credentials.createInsecure(),
    projectId: 'demo-project',
  })
  context.after(() => client.close())
  return client
}
