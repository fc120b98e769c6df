/**
 * Creates a function that returns the headers of a request to Google's Telemetry API: a token of the Application
 * Default Credentials, which google-auth-library caches and renews before it expires, and the project that is billed.
 *
 * @returns a function that rejects if there is no token; the spans of that export are then counted as dropped
 */
export async function createGoogleHeaders(
  projectId: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<() => Promise<Record<string, string>>> {
  const { GoogleAuth } = await import('google-auth-library')
  const auth = new GoogleAuth({ scopes: ['https://www.googleapis.com/auth/cloud-platform'] })
  return async () => ({
    ...headers,
    ...Object.fromEntries((await auth.getRequestHeaders()).entries()),
    ...(projectId === undefined ? {} : { 'x-goog-user-project': projectId }),
  })
}

/** The project of the Application Default Credentials; rejects if they name none. */
export async function projectOfCredentials(): Promise<string> {
  const { GoogleAuth } = await import('google-auth-library')
  return new GoogleAuth().getProjectId()
}
