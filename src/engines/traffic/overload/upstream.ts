import type { Survey } from './survey.ts'

/** Everything that calls a workload, directly or through others, with the next step towards it. */
export interface Upstream {
  /** By caller: whom it calls on the shortest way. */
  readonly next: ReadonlyMap<string, string>
}

/** A chain of calls that is longer than this passes nothing on that anybody would find. */
const MOST_CALLERS = 20_000

export function upstreamOf(survey: Survey, workload: string): Upstream {
  const next = new Map<string, string>()
  const queue = [workload]
  for (let at = 0; at < queue.length && next.size < MOST_CALLERS; at++) {
    const callee = queue[at] as string
    for (const caller of survey.callersOf(callee).keys()) {
      if (caller === workload || next.has(caller)) continue
      next.set(caller, callee)
      queue.push(caller)
    }
  }
  return { next }
}

/** The workloads between a caller and the one it reaches, both left out. */
export function between({ next }: Upstream, from: string, to: string): readonly string[] {
  const path: string[] = []
  for (let here = next.get(from); here !== undefined && here !== to; here = next.get(here)) path.push(here)
  return path
}
