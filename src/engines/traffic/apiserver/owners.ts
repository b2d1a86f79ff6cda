import type { Application, Applications } from '../../../cluster/application/application.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { parseSubject } from '../../../cluster/subject-text.ts'

/** Whose requests they are. */
export interface Owners {
  /** Ids, sorted: those whose pods the tokens name, else those that run as the account. */
  readonly workloads: readonly string[]
  readonly applications: readonly Application[]
}

export interface Client {
  readonly user: string
  /** `namespace/name`. */
  readonly pods: ReadonlySet<string>
}

/** `workloadOf`: of a pod, also of one that is gone (prove/pods.ts). */
export function ownersOf(
  cluster: Cluster,
  applications: Applications,
  workloadOf: (namespace: string, pod: string) => string,
): (client: Client) => Owners {
  const byAccount = new Map<string, string[]>()
  for (const { id, namespace, specs, finished } of cluster.workloads) {
    if (finished) continue
    for (const account of new Set(specs.map(({ pod }) => `${namespace}/${pod.serviceAccountName}`))) {
      const known = byAccount.get(account)
      if (known) known.push(id)
      else byAccount.set(account, [id])
    }
  }
  return ({ user, pods }) => {
    const named = new Set<string>()
    for (const pod of pods) {
      const slash = pod.indexOf('/')
      const workload = workloadOf(pod.slice(0, slash), pod.slice(slash + 1))
      if (workload !== '') named.add(workload)
    }
    const subject = parseSubject(`user:${user}`)
    const running =
      subject?.kind === 'ServiceAccount' ? (byAccount.get(`${subject.namespace}/${subject.name}`) ?? []) : []
    const workloads = [...(named.size > 0 ? named : running)].sort()
    const found = workloads.flatMap((id) => applications.applicationOf(id) ?? [])
    return { workloads, applications: [...new Map(found.map((each) => [each.id, each])).values()] }
  }
}
