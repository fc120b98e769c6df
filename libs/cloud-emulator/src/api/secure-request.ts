/** Whether an HTTP request was received over TLS. */
export function isSecure(request: { readonly raw: { readonly socket: object } }): boolean {
  return 'encrypted' in request.raw.socket
}
