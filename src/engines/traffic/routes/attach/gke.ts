import { because } from '../../../../cluster/because.ts'
import type { Cluster } from '../../../../cluster/cluster.ts'
import { at, field, isObject, type Json, list } from '../../../../cluster/json.ts'
import { annotationsOf, idOf, type KubeObject } from '../../../../cluster/object.ts'
import { parseYaml } from '../../../../cluster/yaml.ts'
import type { Backend } from '../behind.ts'
import type { Absent, Attached, Attacher } from './attached.ts'

const ANNOTATIONS = ['cloud.google.com/backend-config', 'beta.cloud.google.com/backend-config']

/** BackendConfigs that the Services of an Ingress name, for a port or for all of them. */
export const gkeAttacher: Attacher = (cluster) => ({
  products: ['gke'],
  of: ({ draft, services }) =>
    ['Ingress', 'MultiClusterIngress'].includes(draft.object.kind)
      ? services.flatMap((service) => named(cluster, service, draft.backends))
      : [],
})

function named(cluster: Cluster, service: KubeObject, backends: readonly Backend[]): readonly (Attached | Absent)[] {
  const annotations = annotationsOf(service.body)
  const key = ANNOTATIONS.find((each) => annotations.has(each))
  const parsed = key === undefined ? undefined : parseYaml(annotations.get(key) ?? '')
  if (key === undefined || !parsed || parsed.problem || !isObject(parsed.value)) return []
  const { default: usual, ports } = parsed.value
  const names = new Set(
    backends
      .filter((each) => each.name === service.name && each.namespace === service.namespace)
      .map((each) => ofPort(ports, service, each.port) ?? usual)
      .filter((each): each is string => typeof each === 'string' && each !== ''),
  )
  return [...names].flatMap((name): readonly (Attached | Absent)[] => {
    const object = cluster.get(idOf('BackendConfig.cloud.google.com', service.namespace, name))
    const reason = because(`names BackendConfig ${name}`, service, ['metadata', 'annotations', key])
    return object
      ? [{ object, because: [reason] }]
      : [{ absent: `BackendConfig ${service.namespace}/${name}`, because: [reason] }]
  })
}

/** What is named for a port of the Service, by its number or its name. */
function ofPort(ports: Json | undefined, service: KubeObject, port: Json | undefined): Json | undefined {
  if (!isObject(ports)) return undefined
  const meant = list(at(service.body, 'spec', 'ports')).find(
    (each) => field(each, 'port') === port || field(each, 'name') === port,
  )
  const keys = [port, field(meant, 'port'), field(meant, 'name')].map(String)
  const key = keys.find((each) => Object.hasOwn(ports, each))
  return key === undefined ? undefined : ports[key]
}
