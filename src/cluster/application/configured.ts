import type { Cluster } from '../cluster.ts'
import { type KubeObject, labelsOf } from '../object.ts'
import type { Workload } from '../workload.ts'
import type { Claim } from './claim.ts'
import { type ApplicationConfig, type ApplicationRule, type Candidate, matches } from './config.ts'

/** What the user's configuration says of an object or a workload: at most one application. */
export function configured(of: KubeObject | Workload, config: ApplicationConfig, cluster: Cluster): readonly Claim[] {
  const rule = ruleFor(of, config, cluster, 'application')
  if (!rule) return []
  const evidence = { text: `the configuration puts it there (rule ${rule.index + 1})` }
  return [{ step: 1, source: 'configuration', rank: 0, name: rule.value, scope: 'configuration', evidence }]
}

export function ruleFor(
  of: KubeObject | Workload,
  { rules = [] }: ApplicationConfig,
  cluster: Cluster,
  what: 'application' | 'team',
): { readonly value: string; readonly index: number } | undefined {
  if (rules.length === 0) return undefined
  const candidate = candidateOf(of)
  const namespace = cluster.namespaces.get(of.namespace)
  const index = rules.findIndex((rule: ApplicationRule) => rule[what] && matches(rule, candidate, namespace))
  return index < 0 ? undefined : { value: rules[index]?.[what] as string, index }
}

function candidateOf(of: KubeObject | Workload): Candidate {
  const { namespace, kind, name } = of
  if ('body' in of) return { namespace, kind, name, labels: [labelsOf(of.body)] }
  const own = of.object ? [labelsOf(of.object.body)] : []
  return { namespace, kind, name, labels: [...own, ...of.specs.map(({ pod }) => pod.labels)] }
}
