import type { KubeObject } from '../../cluster/object.ts'
import type { Check } from '../../engines/check.ts'
import type { Fix } from '../fix.ts'
import type { PatchedFiles } from '../patches.ts'
import { hashed, MOST, slugOf } from '../slug.ts'
import { type Left, type Mending, mend, type Workshop } from './mend.ts'

/** An object that fails checks. */
export interface Failing {
  readonly object: KubeObject
  /** Checks that are left alone in it, with the reason. */
  readonly spared: ReadonlyMap<string, string>
}

export interface MendedFiles {
  readonly files: PatchedFiles
  /** In the order in which they are to be applied. */
  readonly fixes: readonly Fix[]
  /** Only of objects that were changed. */
  readonly mendings: readonly Mending[]
  readonly left: readonly (Left & { readonly object: KubeObject })[]
}

/** Mends every object where it is written. What its file cannot take is left, and the rest is mended without it. */
export function mendFiles(start: PatchedFiles, failing: Iterable<Failing>, workshop: Workshop): MendedFiles {
  const idOf = fixIds()
  const fixes: Fix[] = []
  const mendings: Mending[] = []
  const left: (Left & { object: KubeObject })[] = []
  let files = start
  for (const { object, spared } of failing) {
    const refused = new Map<string, Left>()
    const leave = (each: Left): void => void left.push({ ...each, object })
    for (;;) {
      const mending = mend(
        object,
        new Map([...spared, ...[...refused].map(([id, { why }]) => [id, why] as const)]),
        workshop,
      )
      const made = mending.done.map(({ check, edits }): Fix => {
        const change = { action: 'edit', object, edits } as const
        const title = `Mend ${check.id} in ${object.id}`
        return { id: '', kind: 'check', title, changes: [change], witness: 'none', notes: [] }
      })
      const taken = applyAll(files, made)
      if ('refused' in taken) {
        const { check } = mending.done[taken.at] as { check: Check }
        refused.set(check.id, { check, why: taken.refused })
        continue
      }
      files = taken
      fixes.push(...made.map((fix, index) => ({ ...fix, id: idOf(mending.done[index]?.check.id ?? '', object.id) })))
      if (mending.done.length > 0) mendings.push(mending)
      mending.left.forEach(leave)
      for (const each of refused.values()) leave(each)
      break
    }
  }
  return { files, fixes, mendings, left }
}

function applyAll(
  start: PatchedFiles,
  fixes: readonly Fix[],
): PatchedFiles | { readonly refused: string; readonly at: number } {
  let files = start
  for (const [at, fix] of fixes.entries()) {
    const next = files.apply(fix)
    if ('refused' in next) return { refused: next.refused, at }
    files = next
  }
  return files
}

/** `privileged--deployment-shop-frontend`; another fix of the same name has a hash. */
function fixIds(): (check: string, object: string) => string {
  const taken = new Map<string, number>()
  return (check, object) => {
    const plain = `${check}--${slugOf(object)}`
    const count = taken.get(plain) ?? 0
    taken.set(plain, count + 1)
    return count === 0 && plain.length <= MOST ? plain : hashed(plain, [check, object, String(count)])
  }
}
