import { AbstractStartedContainer, GenericContainer, Wait } from 'testcontainers'

const HTTP_PORT = 8085
const GRPC_PORT = 8086

/** The emulator as a Testcontainers module: `await new CloudEmulatorContainer().withProject('my-project').start()`. */
export class CloudEmulatorContainer extends GenericContainer {
  constructor(image = 'cloud-emulator') {
    super(image)
    this.withExposedPorts(HTTP_PORT, GRPC_PORT)
    this.withEnvironment({ HOST: '0.0.0.0' })
    this.withWaitStrategy(Wait.forHttp('/readyz', HTTP_PORT))
  }

  withProject(project) {
    return this.withEnvironment({ GOOGLE_CLOUD_PROJECT: project })
  }

  async start() {
    return new StartedCloudEmulatorContainer(await super.start())
  }
}

class StartedCloudEmulatorContainer extends AbstractStartedContainer {
  /** For REST, OTLP and the web UI. */
  get url() {
    return `http://${this.getHost()}:${this.getMappedPort(HTTP_PORT)}`
  }

  /** For Google's clients, without TLS and credentials. */
  get grpcAddress() {
    return `${this.getHost()}:${this.getMappedPort(GRPC_PORT)}`
  }
}
