/** The monitored resource and labels under which the pipeline's targets are stored; the same as in a cluster. */
export const IDENTITY = {
  projectId: 'demo-project',
  location: 'us-central1',
  clusterName: 'demo',
  namespace: 'default',
} as const
