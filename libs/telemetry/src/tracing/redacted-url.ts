/** Query parameters whose values must be redacted according to OpenTelemetry's conventions, since they grant access. */
const SIGNATURES = /([?&])(AWSAccessKeyId|Signature|sig|X-Goog-Signature)=[^&#]*/g

/** The target of a request in a form that may be recorded. */
export function redactedUrl(url: string): string {
  return url.includes('?') ? url.replace(SIGNATURES, '$1$2=REDACTED') : url
}
