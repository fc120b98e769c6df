import { type ChannelCredentials, credentials } from '@grpc/grpc-js'
import { messageOf } from '@node-to-cloud/command-line'
import { GoogleAuth } from 'google-auth-library'

const SCOPES = ['https://www.googleapis.com/auth/cloud-platform', 'https://www.googleapis.com/auth/monitoring.write']
const DEFAULT_UNIVERSE_DOMAIN = 'googleapis.com'

/** There are no usable credentials for Cloud Monitoring. */
export class CredentialsError extends Error {
  readonly code = 'ERR_CREDENTIALS'
  readonly exitCode = 1

  constructor(cause: unknown) {
    const reason = messageOf(cause).trim().replace(/\.$/, '')
    super(
      `no usable Google credentials: ${reason}. Set GOOGLE_APPLICATION_CREDENTIALS, run "gcloud auth application-default login", or write to ` +
        "cloud-emulator with --stackdriver.api-address='http://127.0.0.1:8086/?auth=false'.",
      { cause },
    )
    this.name = 'CredentialsError'
  }
}

/**
 * TLS with Application Default Credentials (a key file, Workload Identity, the metadata server). Those of another
 * universe than `GOOGLE_CLOUD_UNIVERSE_DOMAIN` are refused. Throws a {@link CredentialsError}.
 */
export async function applicationDefaultCredentials(env: NodeJS.ProcessEnv): Promise<ChannelCredentials> {
  const { GOOGLE_CLOUD_UNIVERSE_DOMAIN: configured = '' } = env
  const universeDomain = configured === '' ? DEFAULT_UNIVERSE_DOMAIN : configured
  try {
    const client = await new GoogleAuth({ scopes: SCOPES }).getClient()
    if (client.universeDomain !== universeDomain)
      throw new Error(
        `they belong to the universe domain ${client.universeDomain}, and GOOGLE_CLOUD_UNIVERSE_DOMAIN is ${configured || 'not set'}`,
      )
    // grpc-js takes headers as an object only.
    const getRequestHeaders = async (url?: string) => Object.fromEntries(await client.getRequestHeaders(url))
    return credentials.combineChannelCredentials(
      credentials.createSsl(),
      credentials.createFromGoogleCredential({ getRequestHeaders }),
    )
  } catch (cause) {
    throw new CredentialsError(cause)
  }
}

/** The project of the Application Default Credentials, if there are any. */
export async function credentialsProject(): Promise<string | undefined> {
  try {
    return await new GoogleAuth({ scopes: SCOPES }).getProjectId()
  } catch {
    return undefined
  }
}
