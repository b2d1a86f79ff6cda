import { because } from '../../../../cluster/because.ts'
import type { Cluster } from '../../../../cluster/cluster.ts'
import { isObject } from '../../../../cluster/json.ts'
import { annotationsOf, idOf, type KubeObject } from '../../../../cluster/object.ts'
import { parseYaml } from '../../../../cluster/yaml.ts'
import type { Attached, Attacher } from './attached.ts'

const ANNOTATIONS = ['cloud.google.com/backend-config', 'beta.cloud.google.com/backend-config']

/** BackendConfigs that the Services of an Ingress name, for a port or for all of them. */
export const gkeAttacher: Attacher = (cluster) => ({
  products: ['gke'],
  of: ({ draft, services }) =>
    ['Ingress', 'MultiClusterIngress'].includes(draft.object.kind)
      ? services.flatMap((service) => named(cluster, service))
      : [],
})

function named(cluster: Cluster, service: KubeObject): readonly Attached[] {
  const annotations = annotationsOf(service.body)
  const key = ANNOTATIONS.find((each) => annotations.has(each))
  const parsed = key === undefined ? undefined : parseYaml(annotations.get(key) ?? '')
  if (key === undefined || !parsed || parsed.problem || !isObject(parsed.value)) return []
  const { default: usual, ports } = parsed.value
  const names = new Set(
    [usual, ...(isObject(ports) ? Object.values(ports) : [])].filter((each) => typeof each === 'string'),
  )
  return [...names].flatMap((name) => {
    const object = cluster.get(idOf('BackendConfig.cloud.google.com', service.namespace, name))
    return object
      ? [{ object, because: [because(`names BackendConfig ${name}`, service, ['metadata', 'annotations', key])] }]
      : []
  })
}
