/**
 * Makes a function that gives the headers of a request to Google's Telemetry API: a token of the Application Default Credentials, which
 * google-auth-library keeps and renews before it ends, and the project that pays.
 *
 * @returns a function that rejects where no token is to be had; the spans of that export are then counted as lost
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
