import type { Cluster } from '../../../cluster/cluster.ts'
import { type Subject, subjectId } from '../../../cluster/rbac.ts'
import { policyOf } from '../../../engines/access/policy.ts'
import { applyFix } from '../../../fix/apply.ts'
import type { Fix } from '../../../fix/fix.ts'
import type { Input } from '../../../observe/files/read.ts'
import type { Facts } from '../../../prove/facts.ts'
import { PROOF_OPTIONS, prove } from '../../../prove/prove.ts'
import { lostRights } from '../../../prove/rights.ts'
import { type ReportProof, reportProof } from '../../../report/plan.ts'
import { clusterOf, type OffboardFlags } from './offboard.ts'

export interface Change {
  readonly input: Input
  readonly cluster: Cluster
  /** Who is offboarded, under all names. */
  readonly subjects: readonly Subject[]
  readonly fix: Fix
  readonly facts: Facts
}

/**
 * What the change does to everybody else. That a person loses what it used is what the change is for; where the subject
 * is a group or a service account, whoever used it is told.
 */
export function proofFor(flags: OffboardFlags, { input, cluster, subjects, fix, facts }: Change): ReportProof {
  const { enforced } = flags
  const after = clusterOf({ ...input, objects: applyFix(input.objects, fix) }, flags)
  const own = new Set(subjects.map(subjectId))
  const others = [...lostRights(policyOf(cluster), policyOf(after)).keys()].filter((id) => !own.has(id))
  if (subjects.every(({ kind }) => kind === 'User') && others.length === 0)
    return reportProof({
      verdict: 'holds',
      reasons: ['nobody else loses a right'],
      window: facts.window,
      control: { explained: 0, unexplained: 0 },
      replayed: 0,
      counterexamples: [],
      blindSpots: [],
      unseenMass: undefined,
      recent: [],
    })
  return reportProof(prove({ cluster, enforced }, { cluster: after, enforced }, [fix], facts, PROOF_OPTIONS))
}
