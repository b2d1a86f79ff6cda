import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { KubeObject } from '../cluster/object.ts'

/** The objects of a catalogue as JSON, and what it was read from: reading hundreds of files of YAML takes many times longer. */
interface Kept {
  /** Every folder and file that was looked at, relative to the catalogue. */
  readonly seen: readonly Seen[]
  readonly policies: readonly KubeObject[]
  readonly fixes: readonly KubeObject[]
}

type Seen = readonly [path: string, modified: number, size: number]

export type CatalogueObjects = Pick<Kept, 'policies' | 'fixes'>

/** How a file or folder is now: one that is written to has another time or size, and a folder that gains or loses a name another time. */
export function seenAs(folder: string, path: string): Seen {
  const found = statSync(join(folder, path), { throwIfNoEntry: false })
  return [path, found?.mtimeMs ?? 0, found?.size ?? 0]
}

/** What `file` keeps of `folder`; undefined where it keeps nothing, or something there has changed since. */
export function keptCatalogue(file: string, folder: string): CatalogueObjects | undefined {
  let kept: Kept
  try {
    kept = JSON.parse(readFileSync(file, 'utf8')) as Kept
  } catch {
    return undefined
  }
  for (const [path, modified, size] of kept.seen) {
    const now = seenAs(folder, path)
    if (now[1] !== modified || now[2] !== size) return undefined
  }
  return kept
}

/** `seen` was looked at before the objects were read, so that what changes meanwhile is found to have changed. */
export function keepCatalogue(file: string, seen: readonly Seen[], objects: CatalogueObjects): void {
  const { policies, fixes } = objects
  // Whoever reads it meanwhile reads the old one or the new one whole.
  const fresh = join(dirname(file), `.catalogue-${process.pid}.json`)
  writeFileSync(fresh, JSON.stringify({ seen, policies, fixes } satisfies Kept))
  renameSync(fresh, file)
}
