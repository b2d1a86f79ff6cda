import type { Report, ReportEntry } from '../../src/report/report.ts'

/** Entries with equal ways out, which lose the same when breached. */
export interface EntryClass {
  readonly id: number
  readonly entries: readonly ReportEntry[]
  readonly kinds: ReadonlySet<ReportEntry['kind']>
  /** Of every entry in it. */
  readonly loss: number
  readonly controls: number
  readonly contacts: number
  /** The part of the whole risk that starts in it. */
  readonly risk: number
}

/** The greatest share of the risk first. */
export function classesOf(entries: Report['entries']): readonly EntryClass[] {
  const groups = new Map<number, ReportEntry[]>()
  for (const entry of entries) {
    const same = groups.get(entry.class)
    if (same) same.push(entry)
    else groups.set(entry.class, [entry])
  }
  return [...groups]
    .map(([id, members]): EntryClass => {
      const first = members[0] as ReportEntry
      return {
        id,
        entries: members,
        kinds: new Set(members.map(({ kind }) => kind)),
        loss: first.risk,
        controls: first.controls,
        contacts: first.contacts,
        risk: members.reduce((sum, entry) => sum + entry.weight * entry.risk, 0),
      }
    })
    .sort((a, b) => b.risk - a.risk || b.loss - a.loss || a.id - b.id)
}
