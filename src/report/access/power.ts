import { implicitGroupIds, MASTERS } from '../../authz/subjects.ts'
import { idOf } from '../../cluster/object.ts'
import { severityOfStep } from '../../engines/access/findings.ts'
import type { Severity } from '../../engines/engine.ts'
import type { Analysis } from '../../loop.ts'
import { closure } from '../../radius/closure.ts'

/** What a subject may do, and what falls with it. */
export interface Power {
  /** The gravest step that it may take; undefined for none. */
  gravest(subject: string, groups?: readonly string[]): Severity | undefined
  /** Kinds of the steps by which a binding gives a subject power. */
  steps(binding: string, subject: string): ReadonlySet<string>
  /** Ids of the applications whose assets a subject controls. */
  applications(subject: string): readonly string[]
  /** Ids of the workloads that run as a service account. */
  workloads(subject: string): readonly string[]
}

const RANK: readonly Severity[] = ['low', 'medium', 'high', 'critical']

export function graver(a: Severity | undefined, b: Severity | undefined): Severity | undefined {
  return RANK.indexOf(a as Severity) >= RANK.indexOf(b as Severity) ? a : b
}

export function raised(severity: Severity, by: number): Severity {
  return RANK[Math.min(RANK.length - 1, RANK.indexOf(severity) + by)] as Severity
}

export function powerOf(analysis: Analysis): Power {
  const { edges, graph, assets, cluster } = analysis
  const gravest = new Map<string, Severity>()
  const steps = new Map<string, Set<string>>()
  for (const { kind, from, because } of edges) {
    const severity = severityOfStep(kind)
    if (severity === undefined) continue
    gravest.set(from, graver(gravest.get(from), severity) as Severity)
    const binding = because.find((each) => each.object?.kind.endsWith('Binding'))?.object
    if (!binding) continue
    const key = `${binding.id} ${from}`
    steps.set(key, (steps.get(key) ?? new Set()).add(kind))
  }
  gravest.set(idOf('Group', '', MASTERS), 'critical')
  let whole: ReturnType<typeof closure> | undefined
  const runners = new Map<string, string[]>()
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    for (const name of new Set(workload.specs.map(({ pod }) => pod.serviceAccountName))) {
      const id = idOf('ServiceAccount', workload.namespace, name)
      runners.set(id, [...(runners.get(id) ?? []), workload.id])
    }
  }
  const NONE: ReadonlySet<string> = new Set()
  return {
    gravest: (subject, groups = []) =>
      [subject, ...groups.map((group) => idOf('Group', '', group)), ...implicitGroupIds(subject)].reduce<
        Severity | undefined
      >((most, id) => graver(most, gravest.get(id)), undefined),
    steps: (binding, subject) => steps.get(`${binding} ${subject}`) ?? NONE,
    applications: (subject) => {
      const node = graph.indexOf(subject)
      if (node === undefined) return []
      whole ??= closure(graph, () => true)
      const controlled = whole.sinks[whole.parts.of[node] as number]
      const found = new Set<string>()
      for (const sink of controlled?.items ?? []) {
        const application = assets[sink]?.application
        if (application !== undefined) found.add(application)
      }
      return [...found].sort()
    },
    workloads: (subject) => runners.get(subject) ?? [],
  }
}
