import { type Because, because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { PodSecurityLevel } from '../../cluster/namespace.ts'
import type { Answer } from '../known.ts'
import { guardsOf } from './guards.ts'

const RANK: Readonly<Record<PodSecurityLevel, number>> = { privileged: 0, baseline: 1, restricted: 2 }
const ENFORCE = ['metadata', 'labels', 'pod-security.kubernetes.io/enforce']

/**
 * Whether a pod that needs this Pod Security level can be created in a namespace (k8s.io/pod-security-admission). The
 * label decides where it is set; where it is not, the API server's own default does, which is `privileged` unless its
 * configuration says otherwise. Webhooks and policies that may refuse pods make a yes unknown.
 */
export function admits(cluster: Cluster, namespace: string, level: PodSecurityLevel): Answer {
  const known = cluster.namespaces.get(namespace)
  if (known?.enforce !== undefined && RANK[known.enforce] > RANK[level]) {
    return {
      truth: 'no',
      because: [because(`namespace ${namespace} enforces ${known.enforce}`, known.object, ENFORCE)],
    }
  }
  const guards = guardsOf(cluster, known)
  if (guards.length > 0)
    return {
      truth: 'unknown',
      because: guards.map((guard) =>
        because(`${guard.kind} ${guard.name} may refuse such a pod; it was not evaluated`, guard),
      ),
    }
  if (!known?.seen)
    return {
      truth: 'unknown',
      because: [because(`namespace ${namespace} is not in the input, nor its Pod Security label`)],
    }
  const why: Because =
    known.enforce === undefined
      ? because(`namespace ${namespace} has no Pod Security label`, known.object, ['metadata'])
      : because(`namespace ${namespace} enforces ${known.enforce}`, known.object, ENFORCE)
  return { truth: 'yes', because: [why] }
}
