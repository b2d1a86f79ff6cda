import { because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { at, field, list, string } from '../json.ts'
import { parseSelector } from '../labels.ts'
import { type KubeObject, labelsOf } from '../object.ts'
import { type Claim, IN_NAMESPACE, isName } from './claim.ts'
import { indexByLabels } from './label-index.ts'
import { groupOf } from './places.ts'

/**
 * What the objects `Application` of kubernetes-sigs/application select, by object id. The project is dead, the objects
 * live on. One without a selector selects nothing here: a whole namespace is no application.
 */
export function memberships(cluster: Cluster): ReadonlyMap<string, readonly Claim[]> {
  const claims = new Map<string, Claim[]>()
  const applications = cluster.ofKind('Application', 'app.k8s.io')
  if (applications.length === 0) return claims
  const namespaces = new Set(applications.map((application) => application.namespace))
  const index = indexByLabels(labelled(cluster, namespaces))
  for (const application of applications) {
    const path = ['spec', 'selector']
    const selector = parseSelector(at(application.body, ...path))
    if (selector === undefined || typeof selector === 'string' || selector.length === 0 || !isName(application.name))
      continue
    const kinds = new Set(
      list(at(application.body, 'spec', 'componentKinds')).map((each) => {
        const kind = string(field(each, 'kind')) ?? ''
        return `${groupOf(`${string(field(each, 'group')) ?? ''}/`, kind)}/${kind}`
      }),
    )
    for (const { id, kind, group } of index.select(application.namespace, selector)) {
      if (kinds.size > 0 && !kinds.has(`${group}/${kind}`)) continue
      const claim: Claim = {
        step: 2,
        source: 'application-cr',
        rank: 0.5,
        name: application.name,
        scope: IN_NAMESPACE,
        evidence: because(`the Application ${application.name} selects it`, application, path),
      }
      const known = claims.get(id)
      if (known) known.push(claim)
      else claims.set(id, [claim])
    }
  }
  return claims
}

function* labelled(cluster: Cluster, namespaces: ReadonlySet<string>) {
  const entry = (
    { id, kind, group, namespace }: Pick<KubeObject, 'id' | 'kind' | 'group' | 'namespace'>,
    labels: ReadonlyMap<string, string>,
  ) => ({
    namespace,
    labels,
    value: { id, kind, group },
  })
  for (const object of cluster.objects) if (namespaces.has(object.namespace)) yield entry(object, labelsOf(object.body))
  for (const workload of cluster.workloads) {
    const labels = workload.specs[0]?.pod.labels
    if (labels && !workload.object && namespaces.has(workload.namespace)) yield entry(workload, labels)
  }
}
