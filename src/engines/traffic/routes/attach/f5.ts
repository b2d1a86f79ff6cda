import { because } from '../../../../cluster/because.ts'
import type { Cluster } from '../../../../cluster/cluster.ts'
import { at, field, list, type Path, string } from '../../../../cluster/json.ts'
import { annotationsOf, idOf, type KubeObject } from '../../../../cluster/object.ts'
import type { Placed } from '../finish.ts'
import type { Absent, Attached, Attacher } from './attached.ts'

const GROUP = 'k8s.nginx.org'
const ANNOTATION = 'nginx.org/policies'

/** Policies that an Ingress, a VirtualServer or one of its routes names; those of a route replace those of the server. */
export const f5Attacher: Attacher = (cluster) => ({ products: ['f5-nginx'], of: (placed) => attached(cluster, placed) })

function attached(cluster: Cluster, { draft }: Placed): readonly (Attached | Absent)[] {
  const { object, rule, places } = draft
  if (object.kind === 'Ingress') return byAnnotation(cluster, object)
  const server = places[0]?.object ?? object
  const ofServer = listed(cluster, server, ['spec', 'policies'])
  const delegating = places.flatMap((place) =>
    place.object === server ? (place.within ?? []).filter((path) => path[1] === 'routes') : [],
  )
  const nearer = [
    ...delegating.flatMap((path) => listed(cluster, server, [...path, 'policies'])),
    ...listed(cluster, object, [...rule, 'policies']),
  ]
  const isLimited = nearer.some(limits)
  return [
    ...nearer,
    ...ofServer.map((each) =>
      isLimited && limits(each)
        ? {
            ...each,
            inert: {
              rule: 'overridden',
              because: [because('the route has a policy of this kind itself', object, rule)],
            },
          }
        : each,
    ),
  ]
}

function limits(each: Attached | Absent): each is Attached {
  return 'object' in each && at(each.object.body, 'spec', 'rateLimit') !== undefined
}

function listed(cluster: Cluster, holder: KubeObject, path: Path): readonly (Attached | Absent)[] {
  return list(at(holder.body, ...path)).flatMap((each, index) =>
    found(cluster, string(field(each, 'namespace')) ?? holder.namespace, string(field(each, 'name')) ?? '', holder, [
      ...path,
      index,
    ]),
  )
}

function byAnnotation(cluster: Cluster, holder: KubeObject): readonly (Attached | Absent)[] {
  const names = (annotationsOf(holder.body).get(ANNOTATION) ?? '').split(',').slice(0, 100)
  return names.flatMap((each) => {
    const [namespace, name] = each.includes('/') ? each.trim().split('/', 2) : [holder.namespace, each.trim()]
    return found(cluster, namespace ?? '', name ?? '', holder, ['metadata', 'annotations', ANNOTATION])
  })
}

function found(
  cluster: Cluster,
  namespace: string,
  name: string,
  holder: KubeObject,
  path: Path,
): readonly (Attached | Absent)[] {
  const object = cluster.get(idOf(`Policy.${GROUP}`, namespace, name))
  const reason = because(`names Policy ${name}`, holder, path)
  if (!object) return name === '' ? [] : [{ absent: `Policy ${namespace}/${name}`, because: [reason] }]
  const state = string(at(object.body, 'status', 'state'))
  return [
    {
      object,
      because: [reason],
      ...(state === 'Invalid' || state === 'Rejected'
        ? { inert: { rule: 'not-accepted', because: [because(`its controller says ${state}`, object, ['status'])] } }
        : {}),
    },
  ]
}
