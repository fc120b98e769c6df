/** The ports of all parts, with `--port-offset` added. */
export function portsOf(offset: number) {
  return {
    flaskApp: 8080 + offset,
    flaskAppMetrics: 9101 + offset,
    customMetrics: 9102 + offset,
    loadtester: 8089 + offset,
    loadtesterMetrics: 9103 + offset,
    loadtesterWorkerMetrics: 9104 + offset,
    sidecar: 9091 + offset,
    prometheus: 9090 + offset,
    emulatorHttp: 8085 + offset,
    emulatorGrpc: 8086 + offset,
    emulatorGrpcTls: 8087 + offset,
    emulatorHttps: 8088 + offset,
    emulatorOtlpGrpc: 4317 + offset,
    emulatorOtlpHttp: 4318 + offset,
  } as const
}
