import type { Cluster } from '../../cluster/cluster.ts'
import { type Probe, probes } from './probe.ts'
import type { Right, Rights } from './rights.ts'
import { type AccessContext, together } from './rule.ts'
import { podsNamed } from './rules/pods.ts'
import { type TemplateResource, templateNamed, templateResources } from './rules/templates.ts'
import type { ScopeKinds } from './scopes.ts'

/** A way of having a pod in a namespace whose spec, or whose labels, one has chosen. */
export interface Making {
  /** New pods, and pods of templates that exist. */
  specs(rights: Rights, place: string, context: AccessContext): readonly Right[]
  /** These, and pods that run: their labels may be changed, their volumes not. */
  labels(rights: Rights, place: string, context: AccessContext): readonly Right[]
  /** Whether such a right is of use in one namespace. */
  isOfUse(right: Right, namespace: string, context: AccessContext): boolean
}

const PATCH_POD = probes(['update', 'patch'], '', ['pods'])

export function makingOf(kinds: ScopeKinds, cluster: Cluster): Making {
  const resources = templateResources(cluster)
  const specs = resources.flatMap((each) => [each.creating, ...each.patching])
  const labels = [...specs, ...PATCH_POD]
  const named = podsNamed(cluster)
  const templateOf = new Map(resources.flatMap((each) => each.patching.map((one) => [one, each] as const)))
  const isOfUse = (right: Right, namespace: string, context: AccessContext): boolean => {
    const { probe, names } = right
    if (PATCH_POD.includes(probe))
      return names === undefined
        ? kinds.workloadsIn(namespace).length > 0
        : names.some((name) => named(namespace, name).length > 0)
    const template = templateOf.get(probe)
    return template ? hasTemplate(template, right, namespace, kinds, context) : names === undefined
  }
  const useful = (rights: Rights, place: string, context: AccessContext, wanted: readonly Probe[]): readonly Right[] =>
    rights
      .in(place, ...wanted)
      .filter((right) => context.scopes.within(place).some((each) => isOfUse(right, each, context)))
  return {
    specs: (rights, place, context) => useful(rights, place, context, specs),
    labels: (rights, place, context) => useful(rights, place, context, labels),
    isOfUse,
  }
}

/** Whether there is a template in the namespace that this right may change. */
export function hasTemplate(
  resource: TemplateResource,
  { names }: Right,
  namespace: string,
  kinds: ScopeKinds,
  { cluster }: AccessContext,
): boolean {
  return names === undefined
    ? kinds.workloadsIn(namespace).some((workload) => resource.kinds.includes(workload.kind))
    : names.some((name) => templateNamed(cluster, resource, namespace, name) !== undefined)
}

/** The places where rights of every list come together; where all hold everywhere, that is told once, at ''. */
export function* placesOfAll(
  rights: Rights,
  ...lists: readonly ((place: string) => readonly Right[])[]
): Generator<{ readonly place: string; readonly by: readonly Right[] }> {
  for (const place of ['', ...rights.namespaces]) {
    const found: (readonly Right[])[] = []
    for (const list of lists) {
      const here = list(place)
      if (here.length === 0) break
      found.push(here)
    }
    const [first, ...others] = found
    if (!first || found.length < lists.length) continue
    for (const by of together(rights, first, ...others))
      if (by.some((right) => right.held.namespace === place)) yield { place, by }
  }
}
