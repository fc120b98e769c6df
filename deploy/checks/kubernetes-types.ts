/** The types of Kubernetes' objects, under the names that say their version. */
export type {
  IDaemonSet as V1DaemonSet,
  IDeployment as V1Deployment,
  IStatefulSet as V1StatefulSet,
} from 'kubernetes-models/apps/v1'
export type { IHorizontalPodAutoscaler as V2HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
export type { IJob as V1Job } from 'kubernetes-models/batch/v1'
export type { INetworkPolicy as V1NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
export type { IPodDisruptionBudget as V1PodDisruptionBudget } from 'kubernetes-models/policy/v1'
export type {
  IClusterRole as V1ClusterRole,
  IClusterRoleBinding as V1ClusterRoleBinding,
  IPolicyRule as V1PolicyRule,
  IRole as V1Role,
} from 'kubernetes-models/rbac.authorization.k8s.io/v1'
export type {
  IConfigMap as V1ConfigMap,
  IContainer as V1Container,
  IPodSpec as V1PodSpec,
  IService as V1Service,
  IServiceAccount as V1ServiceAccount,
} from 'kubernetes-models/v1'
