import type { HostPort } from '@node-to-cloud/command-line'
import { urlHost } from '@node-to-cloud/telemetry'
import type { Endpoints } from './contract/summary.ts'

/** Where to listen; what is undefined is not served. */
export interface ListenAddresses {
  readonly httpAddress: HostPort
  readonly grpcAddress: HostPort
  readonly grpcTlsAddress?: HostPort
  readonly httpsAddress?: HostPort
  readonly otlpGrpcAddress?: HostPort
  readonly otlpHttpAddress?: HostPort
}

/** The addresses as clients write them, with the ports that were chosen. */
export function endpointsOf(
  { httpAddress, grpcAddress, grpcTlsAddress, httpsAddress, otlpGrpcAddress, otlpHttpAddress }: ListenAddresses,
  ports: {
    http: number
    grpc: number
    grpcTls: number | undefined
    https: number | undefined
    otlpGrpc: number | undefined
    otlpHttp: number | undefined
  },
): Endpoints {
  return {
    http: `http://${urlHost(httpAddress.host)}:${ports.http}`,
    grpc: `${urlHost(grpcAddress.host)}:${ports.grpc}`,
    ...(grpcTlsAddress && ports.grpcTls ? { grpcTls: `${urlHost(grpcTlsAddress.host)}:${ports.grpcTls}` } : {}),
    ...(httpsAddress && ports.https ? { https: `https://${urlHost(httpsAddress.host)}:${ports.https}` } : {}),
    ...(otlpGrpcAddress && ports.otlpGrpc ? { otlpGrpc: `${urlHost(otlpGrpcAddress.host)}:${ports.otlpGrpc}` } : {}),
    ...(otlpHttpAddress && ports.otlpHttp
      ? { otlpHttp: `http://${urlHost(otlpHttpAddress.host)}:${ports.otlpHttp}` }
      : {}),
  }
}
