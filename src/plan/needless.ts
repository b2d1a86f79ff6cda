import { applyFix } from '../fix/apply.ts'
import { patchAll } from '../fix/patches.ts'
import { whatIf } from './candidates.ts'
import type { Outlook } from './outlook.ts'
import { LEAST, type PlanPorts, type Taken } from './ports.ts'
import { takenOf } from './taken.ts'
import { touchedBy } from './touched.ts'

/** The steps without those that the later ones made needless: the risk at the end is the same. */
export function withoutNeedless(ports: PlanPorts, end: Outlook, taken: readonly Taken[]): readonly Taken[] {
  let steps = taken
  for (let at = taken.length - 2; at >= 0; at--) {
    if (!mayBeNeedless(steps, at, end)) continue
    const shorter = retaken(ports, [...steps.slice(0, at), ...steps.slice(at + 1)], at)
    const without = shorter?.at(-1)?.risk.after ?? Number.POSITIVE_INFINITY
    if (shorter && without <= end.risk.total + LEAST) steps = shorter
  }
  return steps
}

/** Whether what it cut leads anywhere in the end; paths in the objects that later steps change may have moved. */
function mayBeNeedless(steps: readonly Taken[], at: number, end: Outlook): boolean {
  const step = steps[at] as Taken
  const changed = new Set(step.fixes.flatMap(({ changes }) => changes.map(({ object }) => object.id)))
  const later = steps.slice(at + 1).flatMap(({ fixes }) => fixes.flatMap(({ changes }) => changes))
  if (later.some(({ object }) => changed.has(object.id))) return false
  const fixes = steps.slice(at + 1).flatMap((each) => each.fixes)
  const touched = touchedBy(step.delta.cut, fixes)
  // What later steps cut as well would not come back.
  const theirs = new Set(fixes.flatMap((fix) => touched(fix).likely))
  const back = step.delta.cut.filter((_, edge) => !theirs.has(edge))
  return whatIf(end, new Set(), back) <= end.risk.total + LEAST
}

/** The same steps again without one; undefined where one of them would no longer hold, help or be made. */
function retaken(ports: PlanPorts, steps: readonly Taken[], from: number): readonly Taken[] | undefined {
  const result = steps.slice(0, from)
  let files = ports.files
  let before = ports.base
  for (const { fixes } of result) {
    const patched = patchAll(files, fixes)
    if ('refused' in patched) return undefined
    files = patched.files
    before = ports.judge(fixes.reduce(applyFix, before.objects))
  }
  for (const { fixes } of steps.slice(from)) {
    const after = ports.judge(fixes.reduce(applyFix, before.objects))
    const patched = patchAll(files, fixes)
    if ('refused' in patched || after.risk.total > before.risk.total - LEAST) return undefined
    const proof = ports.prove(before, after, fixes)
    if (proof.verdict === 'breaks') return undefined
    result.push(takenOf(before, after, fixes, proof, patched.patches))
    before = after
    files = patched.files
  }
  return result
}
