import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, list, string } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { type Amounts, amountsIn, fillFrom } from './amounts.ts'

/** What the LimitRanges of a namespace give to containers that do not say, and what they allow at most. */
export interface Range {
  readonly object: KubeObject
  readonly type: string
  readonly defaultLimits: Amounts
  readonly defaultRequests: Amounts
  readonly max: Amounts
}

const known = new WeakMap<Cluster, ReadonlyMap<string, readonly Range[]>>()

export function rangesOf(cluster: Cluster, namespace: string): readonly Range[] {
  const found = known.get(cluster) ?? Map.groupBy(all(cluster), ({ object }) => object.namespace)
  known.set(cluster, found)
  return found.get(namespace) ?? []
}

function all(cluster: Cluster): readonly Range[] {
  return cluster
    .ofKind('LimitRange')
    .flatMap((object) => list(at(object.body, 'spec', 'limits')).map((item) => decode(object, item)))
}

/** pkg/apis/core/v1/defaults.go SetDefaults_LimitRangeItem: a maximum is a limit, a limit or a minimum a request. */
function decode(object: KubeObject, item: Parameters<typeof field>[0]): Range {
  const type = string(field(item, 'type')) ?? ''
  const max = amountsIn(field(item, 'max'))
  const min = amountsIn(field(item, 'min'))
  const limits = amountsIn(field(item, 'default'))
  const requests = amountsIn(field(item, 'defaultRequest'))
  if (type === 'Container') {
    fillFrom(limits, max)
    fillFrom(requests, limits)
    fillFrom(requests, min)
  }
  return { object, type, defaultLimits: limits, defaultRequests: requests, max }
}
