import { buildCluster, type Cluster, type ClusterInput } from './cluster.ts'
import { field, type Json, list, object, string } from './json.ts'
import { type KubeObject, type Placement, toObject } from './object.ts'
import { parseYaml } from './yaml.ts'

/** For tests: the objects of YAML text, of which each document, or list of them, is parted by a line `---`. */
export function objectsOf(text: string, placement: Partial<Placement> = {}): readonly KubeObject[] {
  const where = { namespace: 'default', clusterScoped: new Set<string>(), ...placement }
  return text.split(/^---.*$/m).flatMap((document, index) => {
    const parsed = parseYaml(document)
    if (parsed.problem) throw new Error(`document ${index}: ${parsed.problem.message}`)
    return itemsOf(parsed.value).map((body) => {
      const made = toObject(object(body), { source: 0, start: 0, end: 0, inner: [] }, where)
      if (typeof made === 'string') throw new Error(`document ${index}: ${made}`)
      return made
    })
  })
}

/** The items of a typed list (`PodList`) need not say what they are. */
function itemsOf(value: Json): readonly Json[] {
  if (value === null) return []
  const kind = string(field(value, 'kind')) ?? ''
  if (!kind.endsWith('List')) return [value]
  const type =
    kind === 'List' ? {} : { apiVersion: field(value, 'apiVersion') ?? 'v1', kind: kind.slice(0, -'List'.length) }
  return list(field(value, 'items')).map((item) => ({ ...type, ...object(item) }))
}

/** For tests: the cluster that YAML text describes. */
export function clusterOf(text: string, options: Omit<ClusterInput, 'objects'> & Partial<Placement> = {}): Cluster {
  return buildCluster({ ...options, objects: objectsOf(text, options) })
}
