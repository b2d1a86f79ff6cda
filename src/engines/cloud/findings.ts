import { ruleAllows } from '../../authz/rules.ts'
import { because } from '../../cluster/because.ts'
import { principalKey, roleOf } from '../../cluster/cloud/identity.ts'
import { idOf, idParts, type KubeObject } from '../../cluster/object.ts'
import type { Finding } from '../engine.ts'
import type { CloudContext } from './context.ts'
import { machines } from './rules/machines.ts'
import { readings } from './rules/metadata.ts'
import { rulesOfPolicy } from './rules/policy-reach.ts'
import { mayBeOurs } from './web-trust.ts'

export function* cloudFindings(context: CloudContext): Generator<Finding> {
  yield* sharedUsers(context)
  yield* nodeRoles(context)
  yield* openTrusts(context)
  yield* secretReaders(context)
}

/** What stands in an export, as the object that a finding is about. */
function exported(kind: string, group: string, name: string): KubeObject {
  return { id: idOf(`${kind}.${group}`, '', name), group, version: 'v1alpha1', kind, namespace: '', name, body: {} }
}

/** Everybody who may assume the role is one user in the cluster, and in its audit log. */
function* sharedUsers({ eks }: CloudContext): Generator<Finding> {
  for (const mapped of eks?.mappings ?? []) {
    if (mapped.isForNodes || mapped.username.includes('{{SessionName') || !roleOf(mapped.principal)) continue
    yield {
      check: 'cloud-role-shared',
      severity: 'low',
      object: mapped.because.object ?? exported('AccessEntry', 'eks.services.k8s.aws', mapped.principal),
      part: principalKey(mapped.principal),
      message: `whoever has the role ${mapped.principal} is the one user ${mapped.username}: several people cannot be told apart`,
      because: [mapped.because],
    }
  }
}

/** One finding for each identity of nodes, told at a node that has it. */
function* nodeRoles(context: CloudContext): Generator<Finding> {
  const found = new Map<string, Finding & { readonly workloads: Set<string> }>()
  for (const { workload, machine, truth, because: why } of readings(context, machines(context))) {
    const { object, name } = machine.node
    if (machine.answers !== 'yes' || truth === 'unknown' || workload.specs.every(({ pod }) => pod.hostNetwork)) continue
    const known = found.get(machine.to)
    if (known) known.workloads.add(workload.id)
    else
      found.set(machine.to, {
        check: 'cloud-node-role-reachable',
        severity: 'high',
        object: object ?? exported('Node', '', name),
        part: machine.to,
        message: '',
        because: why,
        workloads: new Set([workload.id]),
      })
  }
  for (const { workloads, ...finding } of found.values())
    yield {
      ...finding,
      message: `pods of ${workloads.size} ${workloads.size === 1 ? 'workload' : 'workloads'} can take the credentials of ${idParts(finding.part ?? '').name} from the metadata service`,
    }
}

function* openTrusts({ trusts, eks }: CloudContext): Generator<Finding> {
  for (const { role, issuers, subjects } of trusts) {
    if (subjects !== undefined || !issuers.some((issuer) => mayBeOurs(issuer, eks?.issuer))) continue
    yield {
      check: 'cloud-trust-wildcard',
      severity: 'high',
      object: exported('Role', 'iam.services.k8s.aws', role.name),
      part: role.arn,
      message: `the trust policy of ${role.arn} names no single service account: it admits any, or those of a pattern`,
      because: [role.from],
    }
  }
}

const SECRETS = { verb: 'get', group: '', resource: 'secrets', subresource: '', namespace: '', name: '' }
const PODS = { ...SECRETS, verb: 'create', resource: 'pods' }

/** A policy that is for looking, and shows Secrets. */
function* secretReaders({ eks }: CloudContext): Generator<Finding> {
  for (const { policy, principal, namespaces, from } of eks?.associations ?? []) {
    const rules = rulesOfPolicy(policy) ?? []
    if (!rules.some((rule) => ruleAllows(rule, SECRETS)) || rules.some((rule) => ruleAllows(rule, PODS))) continue
    yield {
      check: 'cloud-policy-reads-secrets',
      severity: 'medium',
      object: from.object ?? exported('AccessEntry', 'eks.services.k8s.aws', principal),
      part: `${policy} ${principalKey(principal)}`,
      message: `${policy} lets ${principal} read every Secret ${namespaces ? `of namespaces ${namespaces.join(', ')}` : 'of the cluster'}`,
      because: [from, because(`${policy} is for viewing, and Secrets are among what it views`)],
    }
  }
}
