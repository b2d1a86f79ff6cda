import { at, field, list, string } from '../../../cluster/json.ts'
import type { NetworkModel } from '../model.ts'
import type { Service } from '../services.ts'
import type { RouteKind } from './doors.ts'

const GROUP = 'gateway.networking.k8s.io'

/** Services of other namespaces that ReferenceGrants there open to routes of a namespace (GEP-709). */
export function grantedTo(model: NetworkModel, { kind, group }: RouteKind, namespace: string): readonly Service[] {
  if (group !== GROUP) return []
  return model.cluster.ofKind('ReferenceGrant', GROUP).flatMap((grant) => {
    const isFrom = list(at(grant.body, 'spec', 'from')).some(
      (each) =>
        field(each, 'group') === group && field(each, 'kind') === kind && field(each, 'namespace') === namespace,
    )
    if (!isFrom || grant.namespace === namespace) return []
    return list(at(grant.body, 'spec', 'to')).flatMap((each): readonly Service[] => {
      if ((string(field(each, 'group')) ?? '') !== '' || field(each, 'kind') !== 'Service') return []
      const name = string(field(each, 'name')) ?? ''
      const named = name === '' ? undefined : model.services.get(grant.namespace, name)
      if (name !== '') return named ? [named] : []
      return model.services.all.filter(({ object }) => object.namespace === grant.namespace)
    })
  })
}
