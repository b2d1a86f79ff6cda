import { because } from '../../../../cluster/because.ts'
import { at, field, list, string } from '../../../../cluster/json.ts'
import type { Attached, Attacher } from './attached.ts'

/** CiliumEnvoyConfigs for the Services behind a route, whoever carries it: the Envoy of each node stands before their pods. */
export const ciliumAttacher: Attacher = (cluster) => {
  const all = new Map<string, Attached[]>()
  for (const kind of ['CiliumEnvoyConfig', 'CiliumClusterwideEnvoyConfig'])
    for (const object of cluster.ofKind(kind, 'cilium.io'))
      for (const part of ['services', 'backendServices'])
        for (const [index, each] of list(at(object.body, 'spec', part)).entries()) {
          const namespace = string(field(each, 'namespace')) ?? object.namespace
          const key = `${namespace}/${string(field(each, 'name')) ?? ''}`
          const reason = because('is for its Service', object, ['spec', part, index])
          all.set(key, [...(all.get(key) ?? []), { object, product: 'cilium', because: [reason] }])
        }
  return { of: ({ services }) => services.flatMap(({ namespace, name }) => all.get(`${namespace}/${name}`) ?? []) }
}
