import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, type Path, stringMap } from '../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import type { Growth } from '../growth.ts'

const GROUP = 'serving.knative.dev'
const KINDS: ReadonlySet<string> = new Set(['Service', 'Configuration', 'Revision'])

export function isKnative({ group, kind }: KubeObject): boolean {
  return group === GROUP && KINDS.has(kind)
}

/**
 * Knative scales each revision by requests, to any number where neither the revision nor the ConfigMap config-autoscaler
 * says a maximum (knative.dev/serving pkg/autoscaler/config: 0 is none).
 */
export function growthOfKnative(cluster: Cluster, object: KubeObject, live: number): Growth {
  const path: Path =
    object.kind === 'Revision' ? ['metadata', 'annotations'] : ['spec', 'template', 'metadata', 'annotations']
  const annotations = stringMap(at(object.body, ...path))
  const own = numbered(annotations, ['autoscaling.knative.dev/max-scale', 'autoscaling.knative.dev/maxScale'])
  const least = numbered(annotations, ['autoscaling.knative.dev/min-scale', 'autoscaling.knative.dev/minScale'])
  const config = cluster.get(idOf('ConfigMap', 'knative-serving', 'config-autoscaler'))
  const shared = numbered(stringMap(at(config?.body, 'data')), ['max-scale'])
  const now = live > 0 ? live : (least?.count ?? 0)
  const max = own ?? shared
  const because_: Because =
    max && max.count > 0
      ? own
        ? because(`at most ${max.count} pods a revision`, object, [...path, max.key])
        : because(`at most ${max.count} pods a revision`, config, ['data', max.key])
      : because('no max-scale: it grows with the requests', object, own ? [...path, own.key] : ['spec'])
  const most = max && max.count > 0 ? max.count : Number.POSITIVE_INFINITY
  return { now, most: Math.max(now, most), because: [because_] }
}

function numbered(
  values: ReadonlyMap<string, string>,
  keys: readonly string[],
): { readonly key: string; readonly count: number } | undefined {
  for (const key of keys) {
    const text = values.get(key)
    if (text !== undefined && /^\d{1,9}$/.test(text)) return { key, count: Number(text) }
  }
  return undefined
}
