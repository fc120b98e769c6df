import { buildSync } from './build-sync.js'

/**
 * Stands in for the packages that `overrides` in the root package.json leaves out. It exports every name that Artillery
 * imports from them when it starts; a test of the engine compares the two.
 */
function leftOut() {
  const error = new Error(
    'This package is left out of the installation, see tools/install/README.md: install artillery in a project of its own',
  )
  error.code = 'ERR_LEFT_OUT'
  throw error
}

class LeftOut {
  constructor() {
    leftOut()
  }
}

export {
  buildSync,
  LeftOut as AttachRolePolicyCommand,
  LeftOut as BlobServiceClient,
  LeftOut as CloudWatchLogsClient,
  LeftOut as Consumer,
  LeftOut as ContainerInstanceManagementClient,
  LeftOut as CreateBucketCommand,
  LeftOut as CreateClusterCommand,
  LeftOut as CreateFunctionCommand,
  LeftOut as CreatePolicyCommand,
  LeftOut as CreateQueueCommand,
  LeftOut as CreateRoleCommand,
  LeftOut as DefaultAzureCredential,
  LeftOut as DeleteFunctionCommand,
  LeftOut as DeleteParameterCommand,
  LeftOut as DeleteQueueCommand,
  LeftOut as DeregisterTaskDefinitionCommand,
  LeftOut as DescribeClustersCommand,
  LeftOut as DescribeRouteTablesCommand,
  LeftOut as DescribeSubnetsCommand,
  LeftOut as DescribeTaskDefinitionCommand,
  LeftOut as DescribeTasksCommand,
  LeftOut as DescribeVpcsCommand,
  LeftOut as EC2Client,
  LeftOut as ECSClient,
  LeftOut as GetBucketLocationCommand,
  LeftOut as GetCallerIdentityCommand,
  LeftOut as GetFunctionConfigurationCommand,
  LeftOut as GetObjectCommand,
  LeftOut as GetParameterCommand,
  LeftOut as GetQueueAttributesCommand,
  LeftOut as GetRoleCommand,
  LeftOut as IAMClient,
  LeftOut as InvalidParameterException,
  LeftOut as InvokeCommand,
  LeftOut as LambdaClient,
  LeftOut as ListQueuesCommand,
  LeftOut as NoSuchBucket,
  LeftOut as NoSuchKey,
  LeftOut as PutBucketLifecycleConfigurationCommand,
  LeftOut as PutObjectCommand,
  LeftOut as PutParameterCommand,
  LeftOut as PutRetentionPolicyCommand,
  LeftOut as QueueClient,
  LeftOut as RegisterTaskDefinitionCommand,
  LeftOut as ResourceConflictException,
  LeftOut as ResourceNotFoundException,
  LeftOut as RunTaskCommand,
  LeftOut as S3Client,
  LeftOut as SQSClient,
  LeftOut as SSMClient,
  LeftOut as STSClient,
  LeftOut as SendMessageCommand,
  LeftOut as StopTaskCommand,
  LeftOut as TagResourceCommand,
  leftOut as NODE_REGION_CONFIG_FILE_OPTIONS,
  leftOut as NODE_REGION_CONFIG_OPTIONS,
  leftOut as chromium,
  leftOut as fromSSO,
  leftOut as loadConfig,
  leftOut as paginateListObjectsV2,
  leftOut as selectors,
}

const esbuild = { buildSync }

// biome-ignore lint/style/noDefaultExport: Artillery imports esbuild as a whole
export default esbuild
