/** A check that Polaris 10 has built in (its pkg/config/default.yaml). */
export interface PolarisCheck {
  readonly id: string
  readonly severity: 'danger' | 'warning'
  /** Where our answer is another, and why. Absent: none is known. */
  readonly differs?: string
}

const INIT = 'init containers count too'
const LASTING =
  'sidecars among the init containers count too; `spec.resources` of the pod counts for its containers; a quantity of zero is none'
const PROBES = 'sidecars count too; pods that run to an end (`restartPolicy` other than `Always`) are not asked'
const SECRETS =
  'whole words: `TOKENIZER_THREADS` is no secret; a value that is a reference, a path or a number is none; keys by other names (`STRIPE_API_KEY`) and passwords inside URLs are'
const EXEC =
  '`*/exec` and `*/attach` are what they match, and `pods/*`, which matches nothing, is told as [role-rule-matches-nothing](checks/role-rule-matches-nothing.md); roles of Kubernetes itself are known by name and label, not by the prefix `system:`'
const BOUND =
  'by the rules that the RBAC authorizer would find, aggregated and default roles included; a role that is not in the input is *unknown*'
const OWN_BINDING = `${BOUND}; Kubernetes' own bindings are known by their content, so that \`system:evil\` is seen`

export const POLARIS_CHECKS: readonly PolarisCheck[] = [
  {
    id: 'automountServiceAccountToken',
    severity: 'warning',
  },
  { id: 'clusterrolePodExecAttach', severity: 'danger', differs: EXEC },
  { id: 'clusterrolebindingClusterAdmin', severity: 'danger', differs: OWN_BINDING },
  { id: 'clusterrolebindingPodExecAttach', severity: 'danger', differs: OWN_BINDING },
  {
    id: 'cpuLimitsMissing',
    severity: 'warning',
    differs: LASTING,
  },
  {
    id: 'cpuRequestsMissing',
    severity: 'warning',
    differs: `${LASTING}; a limit is the request where there is none, as the API server makes it`,
  },
  {
    id: 'dangerousCapabilities',
    severity: 'danger',
    differs:
      'the prefix `CAP_` and small letters name the same capability. Other dangerous ones: [capabilities-baseline](checks/capabilities-baseline.md)',
  },
  {
    id: 'deploymentMissingReplicas',
    severity: 'warning',
    differs: 'StatefulSets, ReplicaSets and Rollouts are asked as well; only a Deployment bears the id',
  },
  { id: 'hostIPCSet', severity: 'danger' },
  { id: 'hostNetworkSet', severity: 'danger' },
  { id: 'hostPIDSet', severity: 'danger' },
  { id: 'hostPathSet', severity: 'warning' },
  { id: 'hostPortSet', severity: 'warning' },
  { id: 'hostProcess', severity: 'warning', differs: INIT },
  { id: 'hpaMaxAvailability', severity: 'warning' },
  { id: 'hpaMinAvailability', severity: 'warning' },
  {
    id: 'insecureCapabilities',
    severity: 'warning',
    differs: 'what is to be dropped is `ALL` or the set that runtimes give by default; Windows pods are not asked',
  },
  {
    id: 'linuxHardening',
    severity: 'warning',
    differs:
      'the field `appArmorProfile` counts like the annotation; an Unconfined profile is none; Windows pods are not asked. Any one of the four is enough, as in Polaris: [seccomp-unset](checks/seccomp-unset.md), [app-armor](checks/app-armor.md) and [capabilities-not-dropped](checks/capabilities-not-dropped.md) ask for each',
  },
  { id: 'livenessProbeMissing', severity: 'warning', differs: PROBES },
  { id: 'memoryLimitsMissing', severity: 'warning', differs: LASTING },
  {
    id: 'memoryRequestsMissing',
    severity: 'warning',
    differs: `${LASTING}; a limit is the request where there is none, as the API server makes it`,
  },
  { id: 'metadataAndInstanceMismatched', severity: 'warning', differs: 'what a controller owns is not asked' },
  {
    id: 'missingNetworkPolicy',
    severity: 'warning',
    differs:
      'a policy selects as Kubernetes selects (`podSelector: {}`, several labels, matchExpressions, default deny), and one that admits everyone isolates nothing',
  },
  {
    id: 'missingPodDisruptionBudget',
    severity: 'warning',
    differs:
      'the whole selector must match; StatefulSets and Rollouts are asked as well, only a Deployment bears the id',
  },
  { id: 'notReadOnlyRootFilesystem', severity: 'warning', differs: 'Windows pods are not asked' },
  {
    id: 'pdbDisruptionsIsZero',
    severity: 'warning',
    differs: 'a budget with neither number, which expects no pod and lets none go, is seen too',
  },
  {
    id: 'pdbMinAvailableGreaterThanHPAMinReplicas',
    severity: 'warning',
    differs:
      'percentages are rounded up as the disruption controller does; StatefulSets and Rollouts are asked as well',
  },
  { id: 'priorityClassNotSet', severity: 'warning' },
  {
    id: 'privilegeEscalationAllowed',
    severity: 'danger',
    differs: 'Windows pods are exempt, as in Pod Security since v1.25',
  },
  {
    id: 'procMount',
    severity: 'warning',
    differs: `${INIT}; allowed in a user namespace (\`hostUsers: false\`), as in Pod Security since v1.35`,
  },
  {
    id: 'pullPolicyNotAlways',
    severity: 'warning',
    differs: `the API server's default counts: \`Always\` for no tag and for \`latest\``,
  },
  {
    id: 'readinessProbeMissing',
    severity: 'warning',
    differs: `${PROBES}; Knative adds one by itself and is not asked`,
  },
  { id: 'rolePodExecAttach', severity: 'danger', differs: EXEC },
  { id: 'rolebindingClusterAdminClusterRole', severity: 'danger', differs: OWN_BINDING },
  { id: 'rolebindingClusterAdminRole', severity: 'danger', differs: BOUND },
  { id: 'rolebindingClusterRolePodExecAttach', severity: 'danger', differs: BOUND },
  { id: 'rolebindingRolePodExecAttach', severity: 'danger', differs: BOUND },
  { id: 'runAsPrivileged', severity: 'danger' },
  {
    id: 'runAsRootAllowed',
    severity: 'danger',
    differs: `\`runAsUser: 0\` is root beside \`runAsNonRoot: true\` as well; pods in a user namespace and Windows pods are not asked`,
  },
  { id: 'sensitiveConfigmapContent', severity: 'danger', differs: SECRETS },
  { id: 'sensitiveContainerEnvVar', severity: 'danger', differs: SECRETS },
  {
    id: 'tagNotSpecified',
    severity: 'danger',
    differs: `the port of a registry is no tag (\`host:5000/app\`)`,
  },
  { id: 'tlsSettingsMissing', severity: 'warning' },
  { id: 'topologySpreadConstraint', severity: 'warning', differs: 'DaemonSets and single pods are not asked either' },
]
