import type { Fix } from '../fix/fix.ts'
import type { Patch } from '../fix/patches.ts'
import type { Proof } from '../prove/proof.ts'
import { deltaOf } from './delta.ts'
import type { Outlook } from './outlook.ts'
import { LEAST, type Loss, type Relief, type Taken } from './ports.ts'

export function takenOf(
  before: Outlook,
  after: Outlook,
  fixes: readonly Fix[],
  proof: Proof,
  patches: readonly Patch[],
): Taken {
  const delta = deltaOf(before, after)
  return {
    fixes,
    delta,
    risk: { before: before.risk.total, after: after.risk.total },
    relief: reliefOf(before, after),
    proof,
    patches,
  }
}

const MOST_RELIEF = 10

function reliefOf(before: Outlook, after: Outlook): readonly Relief[] {
  const entries = new Map(after.entries.map((entry) => [entry.id, entry]))
  const loss = ({ reach }: Outlook['entries'][number]): Loss => ({
    controls: reach.controlled.items.length,
    contacts: reach.contacted,
    loss: reach.share,
  })
  return before.entries
    .flatMap((entry) => {
      const same = entries.get(entry.id)
      const gain = entry.weight * entry.reach.share - (same ? same.weight * same.reach.share : 0)
      return gain > LEAST && same ? [{ gain, entry: entry.id, before: loss(entry), after: loss(same) }] : []
    })
    .sort((a, b) => b.gain - a.gain || (a.entry < b.entry ? -1 : 1))
    .slice(0, MOST_RELIEF)
    .map(({ gain: _, ...relief }) => relief)
}
