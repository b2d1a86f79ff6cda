import { isDefaultBinding } from '../authz/bootstrap.ts'
import { ANONYMOUS, AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED } from '../authz/subjects.ts'
import type { Applications } from '../cluster/application/application.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { idOf } from '../cluster/object.ts'
import { revokedSubjects, subjectId } from '../cluster/rbac.ts'
import type { Principals } from './principals.ts'
import type { EntryKind, Weights } from './weights.ts'

/** Where an attacker starts, and the share of all breaches that is taken to start there. */
export interface Entry {
  /** The node. */
  readonly id: string
  readonly kind: EntryKind
  readonly application?: string
  /** Whether it can be reached from outside the cluster. */
  readonly exposed: 'yes' | 'no' | 'unknown'
  readonly weight: number
  /** Identities of a cloud that come in as it: whoever has a credential of theirs has this one. */
  readonly principals?: readonly string[]
}

/**
 * Exposed workloads, other workloads, and credentials: every User and Group of a binding that is not a system component,
 * every ServiceAccount of the input that no workload runs as, and identities of a cloud (docs/reference/risk.md). The share of a group is split
 * equally among its applications, then among an application's workloads; an empty group's share goes to nobody.
 */
export function entriesOf(
  cluster: Cluster,
  applications: Applications,
  exposure: ReadonlyMap<string, 'yes' | 'unknown'>,
  weights: Weights,
  { entries: outside, standFor }: Principals,
): readonly Entry[] {
  const workloads = cluster.workloads.filter((workload) => !workload.finished).map((workload) => workload.id)
  const credentials = [...credentialsOf(cluster), ...outside].sort()
  return [
    ...ofWorkloads(
      workloads.filter((id) => exposure.has(id)),
      'exposed',
    ),
    ...credentials.map((id): Entry => {
      const application = applications.applicationsOf(id)[0]?.id
      return {
        id,
        kind: 'credential',
        exposed: 'no',
        weight: weights.entries.credential / credentials.length,
        ...(standFor.has(id) ? { principals: standFor.get(id) as readonly string[] } : {}),
        ...(application === undefined ? {} : { application }),
      }
    }),
    ...ofWorkloads(
      workloads.filter((id) => !exposure.has(id)),
      'workload',
    ),
  ]

  function ofWorkloads(ids: readonly string[], kind: EntryKind): Entry[] {
    const byApplication = new Map<string, string[]>()
    for (const id of ids) {
      const application = applications.applicationOf(id)?.id ?? id
      const same = byApplication.get(application)
      if (same) same.push(id)
      else byApplication.set(application, [id])
    }
    return [...byApplication].flatMap(([application, own]) =>
      own.map((id) => ({
        id,
        kind,
        application,
        exposed: exposure.get(id) ?? ('no' as const),
        weight: weights.entries[kind] / byApplication.size / own.length,
      })),
    )
  }
}

/** Parts of the cluster itself: their credentials are the control plane's and the nodes', which have entries of their own kind. */
function isSystemComponent(name: string): boolean {
  if (!name.startsWith('system:')) return false
  const isEverybody =
    name === ANONYMOUS || name === UNAUTHENTICATED || name === AUTHENTICATED || name === SERVICE_ACCOUNTS
  return !isEverybody && !name.startsWith(`${SERVICE_ACCOUNTS}:`)
}

/** Subjects of the cluster that a credential may be of. */
export function credentialsOf(cluster: Cluster): readonly string[] {
  const found = new Set<string>()
  for (const binding of cluster.bindings) {
    if (isDefaultBinding(binding, cluster.version.minor)) continue
    for (const subject of [...binding.subjects, ...revokedSubjects(binding.object)]) {
      const id = subjectId(subject)
      if (!id.startsWith('ServiceAccount/') && !isSystemComponent(subject.name)) found.add(id)
    }
  }
  const running = new Set(
    cluster.workloads
      .filter((workload) => !workload.finished)
      .flatMap((workload) =>
        workload.specs.map(({ pod }) => idOf('ServiceAccount', workload.namespace, pod.serviceAccountName)),
      ),
  )
  for (const account of cluster.ofKind('ServiceAccount')) if (!running.has(account.id)) found.add(account.id)
  return [...found].sort()
}
