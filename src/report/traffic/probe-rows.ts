import type { ProbeStep, TrafficProbe } from './probe.ts'

/** Tries of one load together. */
export interface LoadRow {
  readonly kind: ProbeStep['kind']
  /** Workers, or the rate that was asked for. */
  readonly load: number
  readonly tries: number
  readonly held: number
  readonly broke: number
  readonly offered: number
  readonly answered: number
  readonly failed: number
  readonly limited: number
  readonly p50: number | undefined
  readonly p99: number | undefined
}

/** Steps by their load, the lightest first; those that only waited for calm are left out. */
export function loadRows({ steps }: TrafficProbe): readonly LoadRow[] {
  const groups = new Map<string, ProbeStep[]>()
  for (const step of steps) {
    if (step.kind === 'closed' && step.concurrency === 1 && step.sent <= 3) continue
    const key = `${step.kind} ${step.concurrency ?? step.rate}`
    groups.set(key, [...(groups.get(key) ?? []), step])
  }
  return [...groups.values()]
    .map((group): LoadRow => {
      const [first] = group as [ProbeStep, ...ProbeStep[]]
      const sum = (of: (step: ProbeStep) => number): number => group.reduce((total, step) => total + of(step), 0)
      const p50 = group.flatMap(({ latencyMs }) => latencyMs?.p50 ?? [])
      const p99 = group.flatMap(({ latencyMs }) => latencyMs?.p99 ?? [])
      return {
        kind: first.kind,
        load: first.concurrency ?? first.rate ?? 0,
        tries: group.length,
        held: group.filter(({ held }) => held === true).length,
        broke: group.filter(({ held }) => held === false).length,
        offered: sum(({ offered }) => offered) / group.length,
        answered: sum(({ answered }) => answered) / group.length,
        failed: sum(({ failed }) => failed),
        limited: sum(({ limited, refused }) => limited + refused),
        p50: p50.length === 0 ? undefined : p50.reduce((a, b) => a + b, 0) / p50.length,
        p99: p99.length === 0 ? undefined : Math.max(...p99),
      }
    })
    .sort((a, b) => (a.kind === b.kind ? a.load - b.load : a.kind === 'closed' ? -1 : 1))
}

/** `5.3 ms`, `1.2 s`. */
export function msText(ms: number | undefined): string {
  if (ms === undefined) return ''
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`
}

/** What became of the tries of a rate: `held 2 of 2`, `broke`. */
export function outcomeText({ held, broke, tries, failed, limited }: LoadRow): string {
  const parts: string[] = []
  if (held + broke > 0) {
    const word = held > broke ? 'held' : 'broke'
    parts.push(tries === 1 ? word : `${word} ${Math.max(held, broke)} of ${tries}`)
  }
  if (failed > 0) parts.push(`${failed} failed`)
  if (limited > 0) parts.push(`${limited} refused`)
  return parts.join(', ')
}
