import { gcpDetector } from '@opentelemetry/resource-detector-gcp'
import { defaultResource, detectResources, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { ServiceIdentity } from '../../process/package-identity.ts'
import type { TracingEnvironment } from '../../process/telemetry-environment.ts'
import { runsOnGoogleCloud, type TraceDestination } from '../destination.ts'
import { projectOfCredentials } from '../export/google-headers.ts'
import { kubernetesAttributes } from './kubernetes-attributes.ts'

/**
 * The resource of the spans of this process: the service, the pod in Kubernetes, the attributes from Google's metadata
 * server, and, overriding all of them, OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME. The metadata server is queried
 * only on Google Cloud or if traces are sent there; its attributes arrive later, before the first export.
 */
export function detectResource(
  service: ServiceIdentity,
  environment: TracingEnvironment,
  destination: TraceDestination,
): Resource {
  return defaultResource()
    .merge(resourceFromAttributes({ 'service.name': service.name, 'service.version': service.version }))
    .merge(resourceFromAttributes(kubernetesAttributes()))
    .merge(googleCloudAttributes(destination))
    .merge(projectAttribute(environment, destination))
    .merge(resourceFromAttributes(declaredAttributes(environment)))
}

function declaredAttributes(environment: TracingEnvironment): Record<string, string> {
  const name = environment.OTEL_SERVICE_NAME
  return { ...environment.OTEL_RESOURCE_ATTRIBUTES, ...(name === undefined ? {} : { 'service.name': name }) }
}

/** Google's Telemetry API refuses spans without this attribute; a collector may forward them there. */
function projectAttribute(environment: TracingEnvironment, destination: TraceDestination): Resource {
  if (destination.exporter !== 'otlp') return resourceFromAttributes({})
  const projectId =
    environment.GOOGLE_CLOUD_PROJECT ??
    (destination.googleAuth ? projectOfCredentials().catch(() => undefined) : undefined)
  return resourceFromAttributes({ 'gcp.project_id': projectId })
}

function googleCloudAttributes(destination: TraceDestination): Resource {
  const isForGoogle =
    destination.exporter === 'google_cloud_trace' || (destination.exporter === 'otlp' && destination.googleAuth)
  return detectResources({ detectors: isForGoogle || runsOnGoogleCloud() ? [gcpDetector] : [] })
}
