import { implicitGroupIds } from '../../../authz/subjects.ts'
import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, string } from '../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import type { Binding, Role } from '../../../cluster/rbac.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Check, Join, Verdict } from '../../check.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { policyOf } from '../policy.ts'
import { mountedToken } from '../rules/token.ts'
import { firstOf, grantsNothing, isSummed, type Power, whyRole } from './binding-join.ts'
import { takesCluster, takesNamespace } from './powers.ts'

const CHECK: Check = {
  id: 'workload-takeover',
  title: 'A workload holds the token of an account that can take over the cluster',
  severity: 'high',
  category: 'security',
  profiles: [],
  aliases: { kubescape: 'C-0267, C-0272' },
  references: [
    'MITRE ATT&CK T1078.004',
    'https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks',
  ],
}

/** Rights in this namespace are rights over the cluster: its service accounts and Secrets are those of the control plane. */
const SYSTEM = 'kube-system'

interface Rights {
  readonly says?: string
  readonly why: readonly Because[]
  /** What is not known, where nothing that is known takes over. */
  readonly unknown?: string
}

export const workloadTakeover: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const ofAccount = new Map<string, Rights>()
    const ofRole = new Map<Role, Map<Power, ReturnType<typeof firstOf>>>()
    const find = (role: Role, power: Power): ReturnType<typeof firstOf> => {
      const found = ofRole.get(role) ?? new Map<Power, ReturnType<typeof firstOf>>()
      ofRole.set(role, found)
      if (!found.has(power)) found.set(power, firstOf(role, power))
      return found.get(power)
    }
    const elsewhere = namedElsewhere(cluster)
    for (const workload of cluster.workloads) {
      if (workload.finished) continue
      const verdict = judge(cluster, workload, elsewhere, (account) => {
        const rights = ofAccount.get(account) ?? rightsOf(cluster, account, find)
        ofAccount.set(account, rights)
        return rights
      })
      if (verdict) yield verdict
    }
  },
}

function judge(
  cluster: Cluster,
  workload: Workload,
  elsewhere: ReadonlyMap<string, Binding>,
  rightsOf: (account: string) => Rights,
): Verdict | undefined {
  const object = workload.object ?? workload.specs[0]?.object
  if (!object) return undefined
  let doubt: Verdict | undefined
  for (const shape of workload.specs) {
    const mounted = mountedToken(cluster, workload, shape)
    if (mounted.truth === 'no') continue
    const name = shape.pod.serviceAccountName
    const rights = rightsOf(idOf('ServiceAccount', workload.namespace, name))
    const path = [...shape.pod.path, 'serviceAccountName']
    if (rights.says !== undefined && mounted.truth === 'yes')
      return failed(
        CHECK,
        object,
        `its ServiceAccount ${name} may ${rights.says}`,
        [...mounted.because, ...rights.why],
        path,
      )
    const missing = rights.says === undefined ? rights.unknown : 'whether its token is mounted is not known'
    const adrift = isPlaced(object) ? undefined : elsewhere.get(name)
    if (adrift && !adrift.subjects.some((each) => each.name === name && each.namespace === workload.namespace)) {
      const says = `${adrift.kind} ${adrift.name} names a ServiceAccount ${name} of another namespace, and the workload says none`
      doubt ??= undecided(CHECK, object, says, [because(says, adrift.object, ['subjects'])], path)
    }
    if (missing !== undefined) doubt ??= undecided(CHECK, object, missing, [...mounted.because, ...rights.why], path)
  }
  return doubt ?? passed(CHECK, object)
}

/** A ClusterRoleBinding of an account by the account’s name alone. */
function namedElsewhere(cluster: Cluster): ReadonlyMap<string, Binding> {
  const found = new Map<string, Binding>()
  for (const binding of cluster.bindings) {
    if (binding.namespace !== '') continue
    for (const { kind, name } of binding.subjects) if (kind === 'ServiceAccount') found.set(name, binding)
  }
  return found
}

/** An object that names no namespace goes where it is applied. */
function isPlaced({ body }: KubeObject): boolean {
  return string(at(body, 'metadata', 'namespace')) !== undefined
}

function rightsOf(
  cluster: Cluster,
  account: string,
  find: (role: Role, power: Power) => ReturnType<typeof firstOf>,
): Rights {
  const policy = policyOf(cluster)
  let unknown: Rights | undefined
  let isNamed = false
  for (const holder of [account, ...implicitGroupIds(account)]) {
    for (const binding of policy.bindingsOf(holder)) {
      isNamed ||= holder === account
      if (binding.namespace !== '' && binding.namespace !== SYSTEM) continue
      const role = policy.roleOf(binding)
      if (!role) {
        if (grantsNothing(cluster, binding)) continue
        const missing = `its ${binding.roleKind} ${binding.roleName} is not in the input`
        unknown ??= { unknown: missing, why: [because(missing, binding.object, ['roleRef'])] }
        continue
      }
      const found = find(role, binding.namespace === '' ? takesCluster : takesNamespace)
      if (found) {
        const where = binding.namespace === '' ? 'everywhere' : `in ${SYSTEM}`
        return {
          says: `${found.says} ${where}`,
          why: [because('gives it', binding.object, ['roleRef']), whyRole(role, found.rule)],
        }
      }
      if (!isSummed(cluster, role)) {
        const missing = `${role.kind} ${role.name} is the sum of roles that are not in the input`
        unknown ??= { unknown: missing, why: [because(missing, role.object, ['aggregationRule'])] }
      }
    }
  }
  if (unknown) return unknown
  // An account that some binding names is one whose rights the input tells.
  if (isNamed || (cluster.wasListed('ClusterRoleBinding') && cluster.wasListed('RoleBinding'))) return { why: [] }
  return { unknown: 'the input holds no binding of its ServiceAccount: what it may do is not known', why: [] }
}
