import { bindingCreatesPods } from './access/joins/binding-creates-pods.ts'
import { bindingReadsSecrets } from './access/joins/binding-reads-secrets.ts'
import { clusterRoleBindingAdmin } from './access/joins/cluster-role-binding-admin.ts'
import { clusterRoleBindingPodExec } from './access/joins/cluster-role-binding-pod-exec.ts'
import { roleBindingAdminClusterRole } from './access/joins/role-binding-admin-cluster-role.ts'
import { roleBindingAdminRole } from './access/joins/role-binding-admin-role.ts'
import { roleBindingPodExecClusterRole } from './access/joins/role-binding-pod-exec-cluster-role.ts'
import { roleBindingPodExecRole } from './access/joins/role-binding-pod-exec-role.ts'
import { tokenAutomounted } from './access/joins/token-automounted.ts'
import { workloadTakeover } from './access/joins/workload-takeover.ts'
import type { Join } from './check.ts'
import { exposedVulnerableImage } from './network/joins/exposed-vulnerable-image.ts'
import { ingressBackendMissing } from './network/joins/ingress-backend-missing.ts'
import { internetExposed } from './network/joins/internet-exposed.ts'
import { networkPolicyMissing } from './network/joins/network-policy-missing.ts'
import {
  networkPolicyMissingEgress,
  networkPolicyMissingIngress,
} from './network/joins/network-policy-missing-direction.ts'
import { networkPolicyPeerSelectsNothing } from './network/joins/network-policy-peer-selects-nothing.ts'
import { networkPolicySelectsNothing } from './network/joins/network-policy-selects-nothing.ts'
import { routeBackendMissing } from './network/joins/route-backend-missing.ts'
import { routeNotAttached } from './network/joins/route-not-attached.ts'
import { serviceSelectsNothing } from './network/joins/service-selects-nothing.ts'
import { hpaTargetMissing } from './objects/joins/hpa-target-missing.ts'
import { limitRangeMissing, resourceQuotaMissing } from './objects/joins/namespace-without.ts'
import { pdbAllowsNoEviction } from './objects/joins/pdb-allows-no-eviction.ts'
import { pdbMissing } from './objects/joins/pdb-missing.ts'
import { pdbOverHpaMinimum } from './objects/joins/pdb-over-hpa-minimum.ts'
import { pdbOverlapping } from './objects/joins/pdb-overlapping.ts'
import { pdbSelectsNothing } from './objects/joins/pdb-selects-nothing.ts'
import { configMapMissing, secretMissing } from './objects/joins/reference-missing.ts'
import { serviceAccountMissing } from './objects/joins/service-account-missing.ts'
import { serviceMonitorSelectsNothing } from './objects/joins/service-monitor-selects-nothing.ts'
import { webhookFailsOpen } from './objects/joins/webhook-fails-open.ts'
import { webhookRegistered } from './objects/joins/webhook-registered.ts'
import { webhookSeesEverything } from './objects/joins/webhook-sees-everything.ts'
import { webhookServiceMissing } from './objects/joins/webhook-service-missing.ts'

/** Every check that needs several objects, each in the engine that owns the join. */
export const JOINS: readonly Join[] = [
  clusterRoleBindingAdmin,
  roleBindingAdminClusterRole,
  roleBindingAdminRole,
  clusterRoleBindingPodExec,
  roleBindingPodExecClusterRole,
  roleBindingPodExecRole,
  bindingReadsSecrets,
  bindingCreatesPods,
  workloadTakeover,
  tokenAutomounted,
  networkPolicyMissing,
  networkPolicyMissingIngress,
  networkPolicyMissingEgress,
  networkPolicySelectsNothing,
  networkPolicyPeerSelectsNothing,
  serviceSelectsNothing,
  ingressBackendMissing,
  routeBackendMissing,
  routeNotAttached,
  internetExposed,
  exposedVulnerableImage,
  pdbMissing,
  pdbOverlapping,
  pdbSelectsNothing,
  pdbOverHpaMinimum,
  pdbAllowsNoEviction,
  hpaTargetMissing,
  serviceMonitorSelectsNothing,
  serviceAccountMissing,
  secretMissing,
  configMapMissing,
  resourceQuotaMissing,
  limitRangeMissing,
  webhookFailsOpen,
  webhookServiceMissing,
  webhookSeesEverything,
  webhookRegistered,
]
