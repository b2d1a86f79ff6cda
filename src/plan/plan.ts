import type { KubeObject } from '../cluster/object.ts'
import { costOf } from '../fix/apply.ts'
import type { Fix } from '../fix/fix.ts'
import { patchAll } from '../fix/patches.ts'
import type { Proof } from '../prove/proof.ts'
import { edgeId } from '../radius/judge.ts'
import { bundleOf } from './bundle.ts'
import { type Candidate, candidatesOf, type Gains, gainsOf, type Ranked } from './candidates.ts'
import { withoutNeedless } from './needless.ts'
import type { Outlook } from './outlook.ts'
import {
  type Found,
  idOfStep,
  LEAST,
  type Plan,
  type PlanPorts,
  type Rejected,
  type Residual,
  type Step,
  type Taken,
  titleOfStep,
} from './ports.ts'
import { equalRanking, stabilityOf } from './stability.ts'
import { takenOf } from './taken.ts'

/**
 * DESIGN section 5: again and again the change with the greatest risk removed per object whose owner must be asked; where
 * no single one helps, the smallest set that does; at last, without the steps that later ones made needless.
 */
export function makePlan(ports: PlanPorts): Plan {
  const { base, steps: wanted } = ports
  const taken: Taken[] = []
  const rejected = new Map<string, Rejected>()
  /** Bundles of which one fix or the other may still be good alone. */
  const refused = new Set<string>()
  const gains = gainsOf(base)
  let now = base
  let files = ports.files
  let further: readonly Candidate[] = []
  let isStuck = false
  const known = ports.propose(base)
  const ranking = equalRanking(ports, known)
  const twice = known.flatMap((fix) => definedTwice(fix, base) ?? [])
  if (wanted === 0) further = candidatesOf(base, known).filter(({ bound }) => bound > LEAST)
  while (taken.length < wanted) {
    const proposed = (now === base ? known : ports.propose(now)).filter(
      (fix) => !rejected.has(fix.id) && isPossible(fix, now),
    )
    const candidates = candidatesOf(now, proposed)
    const found = best(ports, now, candidates, gains) ?? bundleOf(ports, now, candidates, refused)
    further = candidates.filter(({ fix, bound }) => bound > LEAST && !found?.fixes.some(({ id }) => id === fix.id))
    if (!found) {
      isStuck = true
      break
    }
    const { fixes } = found
    const after = ports.judge(found.objects)
    const patched = patchAll(files, fixes)
    const proof = ports.prove(now, after, fixes)
    if ('refused' in patched || proof.verdict === 'breaks') {
      const gain = now.risk.total - after.risk.total
      const refusal = refusalOf(fixes, patched, proof, gain)
      rejected.set(refusal.id, refusal)
      refused.add(refusal.id)
      continue
    }
    const step = takenOf(now, after, fixes, proof, patched.patches)
    taken.push(step)
    gains.taken(step.delta, fixes)
    now = after
    files = patched.files
  }
  const kept = withoutNeedless(ports, now, taken)
  return {
    steps: kept.map((step) => stepOf(step, base.risk.total)),
    stability: stabilityOf(ranking, kept[0]?.fixes, rejected),
    rejected: [...rejected.values()],
    residual: residualOf(base, now, further, { isStuck, twice }),
  }
}

function refusalOf(fixes: readonly Fix[], patched: ReturnType<typeof patchAll>, proof: Proof, gain: number): Rejected {
  if ('refused' in patched) {
    const { id, title } = patched.fix
    return { id, title, why: 'cannot-be-edited', reason: patched.refused, gain }
  }
  const reason = proof.counterexamples[0]?.why ?? ''
  return { id: idOfStep(fixes), title: titleOfStep(fixes), why: 'breaks', reason, gain, proof }
}

function best(ports: PlanPorts, now: Outlook, candidates: readonly Candidate[], gains: Gains): Found | undefined {
  const ranked = gains.ranked(ports, now, candidates)
  const first = ranked[0]
  if (!first) return undefined
  const score = first.gain / costOf(first.fix)
  const tied = ranked.filter((each) => Math.abs(each.gain / costOf(each.fix) - score) <= LEAST).slice(0, MOST_TIED)
  if (tied.length === 1) return { fixes: [first.fix], objects: first.objects }
  const verdictOf = ({ fix, objects }: Ranked): number =>
    VERDICTS[ports.prove(now, ports.judge(objects), [fix]).verdict]
  const [chosen] = tied
    .map((each) => ({ ...each, verdict: ports.hasHistory ? verdictOf(each) : 0 }))
    .sort((a, b) => a.verdict - b.verdict || costOf(a.fix) - costOf(b.fix) || (a.fix.id < b.fix.id ? -1 : 1))
  return chosen && { fixes: [chosen.fix], objects: chosen.objects }
}

const MOST_TIED = 8
const VERDICTS: Readonly<Record<Proof['verdict'], number>> = { holds: 0, unknown: 1, breaks: 2 }

/** Of several objects with one name the last counts; without it, the one before it would. */
function isPossible(fix: Fix, outlook: Outlook): boolean {
  return definedTwice(fix, outlook) === undefined
}

function definedTwice({ changes }: Fix, { objects }: Outlook): string | undefined {
  const twice = duplicatesOf(objects)
  return changes.find(({ object }) => twice.has(object.id))?.object.id
}

const duplicates = new WeakMap<readonly KubeObject[], ReadonlySet<string>>()

function duplicatesOf(objects: readonly KubeObject[]): ReadonlySet<string> {
  const known = duplicates.get(objects)
  if (known) return known
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { id } of objects) {
    if (seen.has(id)) twice.add(id)
    seen.add(id)
  }
  duplicates.set(objects, twice)
  return twice
}

function stepOf({ fixes, delta, risk, relief, proof, patches }: Taken, whole: number): Step {
  return {
    id: idOfStep(fixes),
    title: titleOfStep(fixes),
    fixes,
    patches,
    cuts: [...delta.cuts].sort(),
    adds: delta.adds.map(edgeId).sort(),
    risk: { ...risk, share: whole === 0 ? 0 : (risk.before - risk.after) / whole },
    proof,
    relief,
  }
}

function residualOf(base: Outlook, last: Outlook, further: readonly Candidate[], end: End): Residual {
  const why: string[] = []
  if (last.risk.total > LEAST) {
    const count = further.length === 1 ? 'one more change touches' : `${further.length} more changes touch`
    if (further.length === 0) why.push('no change that is known here touches what is left')
    else if (end.isStuck) why.push(`${count} what is left, and neither one of them nor three together lower it`)
    else why.push(`${count} what is left; ask for more steps to see what helps`)
    if (end.twice.length > 0)
      why.push(
        `${end.twice.length === 1 ? 'one change is' : `${end.twice.length} changes are`} left out, since an object stands twice in the input (${end.twice[0]})`,
      )
    if (last.risk.assumed > LEAST) {
      const share = Math.round((100 * last.risk.assumed) / last.risk.total)
      if (share > 0) why.push(`${share} % of it rests on what is not known`)
    }
  }
  return {
    risk: last.risk.total,
    share: base.risk.total === 0 ? 0 : last.risk.total / base.risk.total,
    further: further.length,
    why,
  }
}

interface End {
  /** Nothing that is left lowers the risk, alone or with two others. */
  readonly isStuck: boolean
  /** Objects that have two definitions, of which a patch could change one only. */
  readonly twice: readonly string[]
}
