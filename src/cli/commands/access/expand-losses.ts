import { buildCluster, type Cluster } from '../../../cluster/cluster.ts'
import type { DefinitionChange } from '../../../engines/access/expand/changes.ts'
import { lostBy } from '../../../engines/access/expand/lost.ts'
import { policyOf } from '../../../engines/access/policy.ts'
import { fixOf } from '../../../fix/brought.ts'
import { PROOF_OPTIONS, prove } from '../../../prove/prove.ts'
import type { Expanded } from '../../../report/access/expand.ts'
import { reportProof } from '../../../report/plan.ts'
import { factsOf, proofOptions } from '../../plan.ts'
import type { ExpandFlags } from './expand.ts'

/** Who would lose what they used by these changes, and the proof of them all together. */
export async function losses(
  flags: ExpandFlags,
  before: Cluster,
  changes: readonly DefinitionChange[],
): Promise<Pick<Expanded, 'lost' | 'proof'> & { code: number }> {
  const { facts, code } = await factsOf(flags, { cluster: before })
  if (!facts || changes.length === 0) return { lost: facts && [], proof: undefined, code }
  const applied = changes.flatMap(({ action, object }) => (action === 'delete' ? [] : [object]))
  const deleted = changes.flatMap(({ action, object }) => (action === 'delete' ? [object] : []))
  const gone = new Set(deleted.map(({ id }) => id))
  const made = new Set(applied.map(({ id }) => id))
  const left = before.objects.filter(({ id }) => !gone.has(id))
  const objects = [...left.filter(({ id }) => !made.has(id)), ...applied]
  const after = buildCluster({ objects, version: `v1.${before.version.minor}` }, before)
  const enforced = flags.enforced
  const fixes = fixOf(before, applied, deleted)
  const proof = prove({ cluster: before, enforced }, { cluster: after, enforced }, fixes, facts, {
    ...PROOF_OPTIONS,
    ...proofOptions(flags),
  })
  return { lost: lostBy(changes, policyOf(before), policyOf(after), facts), proof: reportProof(proof), code }
}
