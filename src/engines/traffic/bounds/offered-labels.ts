import { affinityAdmits } from '../../../cluster/node.ts'
import type { PodSpec } from '../../../cluster/pod.ts'

/** Labels whose value is chosen when a node is made: one of these, or any that a pod asks for. */
export type Offered = ReadonlyMap<string, readonly string[] | 'any'>

/** Where nodes stand and how they are paid, which pools leave open unless they say it. */
const FREE: readonly string[] = [
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'karpenter.sh/capacity-type',
]

export function offeredBy(
  labels: ReadonlyMap<string, string>,
  asked: readonly { readonly key: string; readonly operator: string; readonly values: readonly string[] }[] = [],
): Offered {
  const offered = new Map<string, readonly string[] | 'any'>(FREE.map((key) => [key, 'any']))
  for (const { key, operator, values } of asked)
    if (operator === 'In') offered.set(key, values)
    else if (operator === 'Exists') offered.set(key, 'any')
  for (const key of labels.keys()) offered.delete(key)
  return offered
}

/** Whether a node with these labels, and a value of each that is offered, takes a pod. */
export function admitsOffered(
  pod: Pick<PodSpec, 'nodeSelector' | 'nodeTerms'>,
  node: { readonly name: string; readonly labels: ReadonlyMap<string, string> },
  offered: Offered,
): boolean {
  const terms = pod.nodeTerms ?? [undefined]
  return terms.some((term) => {
    const labels = new Map(node.labels)
    for (const [key, values] of offered) {
      if (node.labels.has(key)) continue
      const selected = pod.nodeSelector.get(key)
      const wanted =
        selected === undefined
          ? (term?.labels ?? []).flatMap((each) => (each.key === key && each.operator === 'In' ? each.values : []))
          : [selected]
      const refused = (term?.labels ?? []).flatMap((each) =>
        each.key === key && each.operator === 'NotIn' ? each.values : [],
      )
      const chosen =
        values === 'any'
          ? wanted[0]
          : wanted.length > 0
            ? wanted.find((each) => values.includes(each))
            : (values.find((each) => !refused.includes(each)) ?? values[0])
      if (chosen !== undefined) labels.set(key, chosen)
    }
    const only = { nodeSelector: pod.nodeSelector, nodeTerms: term === undefined ? undefined : [term] }
    return affinityAdmits(only, { name: node.name, labels })
  })
}
