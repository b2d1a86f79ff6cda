import { buildCluster, type Cluster } from '../../cluster/cluster.ts'
import type { Subject } from '../../cluster/rbac.ts'
import { policyOf } from '../../engines/access/policy.ts'
import { accessFold } from '../../engines/access/used/fold.ts'
import { extensionGroups } from '../../engines/access/used/observable.ts'
import { Samples } from '../../engines/seen.ts'
import type { History } from '../../history/history.ts'
import { MAX_SPARE, type Minimized, minimized } from './minimize.ts'

export interface FromHistoryOptions {
  readonly subjects?: readonly Subject[]
  readonly keep?: readonly string[]
  readonly maxSpare?: number
}

/** The roles and bindings that a recorded history needs; `cluster`: that whose rules of today are made smaller. */
export async function minimizedObjects(
  history: Pick<History, 'accesses' | 'coverage'>,
  cluster?: Cluster,
  { subjects = [], keep = [], maxSpare = MAX_SPARE }: FromHistoryOptions = {},
): Promise<Minimized> {
  const known = cluster ?? buildCluster({ objects: [] })
  const policy = policyOf(known)
  const fold = accessFold({ policy, workloadOf: () => '', samples: new Samples(0), detailed: true })
  for await (const batch of history.accesses({ passing: true })) for (const access of batch) fold.add(access)
  const audit = history.coverage().sources.find(({ kind }) => kind === 'audit')
  const facts = fold.finish(audit?.outlying ? { from: audit.from, to: audit.to } : undefined)
  const sight = {
    facts,
    auditPolicy: audit?.auditPolicy,
    hides: audit?.hides.verbs ?? [],
    hidesImpersonation: audit?.forms.some((each) => each.hides.fields.includes('impersonation')) ?? false,
    extensionGroups: extensionGroups(known),
  }
  return minimized(facts, known, cluster && policy, { subjects, keep: new Set(keep), maxSpare, sight })
}
