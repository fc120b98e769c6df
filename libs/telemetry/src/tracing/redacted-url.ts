/** Query parameters whose values OpenTelemetry's conventions want redacted, since they grant access. */
const SIGNATURES = /([?&])(AWSAccessKeyId|Signature|sig|X-Goog-Signature)=[^&#]*/g

/** The target of a request as it may be recorded. */
export function redactedUrl(url: string): string {
  return url.includes('?') ? url.replace(SIGNATURES, '$1$2=REDACTED') : url
}
