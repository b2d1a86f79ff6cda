import { type FillOf, filled, inside } from '../fill.ts'
import { mutatingWebhooks, policy, policyBinding, validatingWebhooks } from './admissionregistration.ts'
import { customResourceDefinition } from './apiextensions.ts'
import { daemonSet, deployment, replicaSet, statefulSet } from './apps.ts'
import { autoscaler, autoscalerV1 } from './autoscaling.ts'
import { cronJob, job } from './batch.ts'
import {
  endpoints,
  limitRange,
  namespace,
  node,
  persistentVolume,
  persistentVolumeClaim,
  replicationController,
  resourceQuota,
  secret,
  service,
} from './core.ts'
import { flowSchema, priorityLevel } from './flowcontrol.ts'
import { endpointSlice, ingressClass, networkPolicy } from './networking.ts'
import { pod, podTemplate } from './pod.ts'
import { binding } from './rbac.ts'
import { csiDriver, storageClass, volumeAttachment } from './storage.ts'

/** By `group/Kind`, of every version alike but for those that stand there with theirs. */
const DEFAULTS: ReadonlyMap<string, FillOf> = new Map<string, FillOf>([
  ['/Endpoints', endpoints],
  ['/LimitRange', limitRange],
  ['/Namespace', namespace],
  ['/Node', node],
  ['/PersistentVolume', persistentVolume],
  ['/PersistentVolumeClaim', persistentVolumeClaim],
  ['/Pod', pod],
  ['/PodTemplate', (object, minor) => inside(object, 'template', (template) => podTemplate(template, minor))],
  ['/ReplicationController', replicationController],
  ['/ResourceQuota', resourceQuota],
  ['/Secret', secret],
  ['/Service', service],
  ['admissionregistration.k8s.io/MutatingAdmissionPolicy', policy],
  ['admissionregistration.k8s.io/MutatingAdmissionPolicyBinding', policyBinding],
  ['admissionregistration.k8s.io/MutatingWebhookConfiguration', mutatingWebhooks],
  ['admissionregistration.k8s.io/ValidatingAdmissionPolicy', policy],
  ['admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding', policyBinding],
  ['admissionregistration.k8s.io/ValidatingWebhookConfiguration', validatingWebhooks],
  ['apiextensions.k8s.io/CustomResourceDefinition', customResourceDefinition],
  ['apps/DaemonSet', daemonSet],
  ['apps/Deployment', deployment],
  ['apps/ReplicaSet', replicaSet],
  ['apps/StatefulSet', statefulSet],
  ['autoscaling/HorizontalPodAutoscaler', autoscaler],
  ['autoscaling/v1/HorizontalPodAutoscaler', autoscalerV1],
  ['batch/CronJob', cronJob],
  ['batch/Job', job],
  ['discovery.k8s.io/EndpointSlice', endpointSlice],
  ['flowcontrol.apiserver.k8s.io/FlowSchema', flowSchema],
  ['flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration', priorityLevel],
  ['networking.k8s.io/IngressClass', ingressClass],
  ['networking.k8s.io/NetworkPolicy', networkPolicy],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', binding],
  ['rbac.authorization.k8s.io/RoleBinding', binding],
  ['scheduling.k8s.io/PriorityClass', (object) => filled(object, { preemptionPolicy: 'PreemptLowerPriority' })],
  ['storage.k8s.io/CSIDriver', csiDriver],
  ['storage.k8s.io/StorageClass', storageClass],
  ['storage.k8s.io/VolumeAttachment', volumeAttachment],
])

export function defaultingOf(group: string, version: string, kind: string): FillOf | undefined {
  return DEFAULTS.get(`${group}/${version}/${kind}`) ?? DEFAULTS.get(`${group}/${kind}`)
}
