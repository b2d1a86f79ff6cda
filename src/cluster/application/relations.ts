import type { Cluster } from '../cluster.ts'
import { at, field, isObject, type Json, type JsonObject, list, string } from '../json.ts'
import { typeName } from '../kinds.ts'
import { parseSelector, plainSelector, type Selector } from '../labels.ts'
import { idOf, type KubeObject, labelsOf } from '../object.ts'
import { subjectId } from '../rbac.ts'
import { indexByLabels, type LabelIndex } from './label-index.ts'
import { groupOf, ownersOf } from './places.ts'
import { podSelection } from './pods.ts'
import { OF_ANY, type Reference, referencesOf, TARGETS, visitAt } from './references.ts'
import { releaseValues } from './release-values.ts'

/** From whom an object takes its applications: ids of workloads and of other objects, in shared arrays. */
export interface Relations {
  sourcesOf(id: string): readonly (readonly string[])[]
}

export function relationsOf(cluster: Cluster): Relations {
  const sources = new Map<string, (readonly string[])[]>()
  const give = (from: readonly string[], to: string): void => {
    if (from.length === 0) return
    const known = sources.get(to)
    if (known) known.push(from)
    else sources.set(to, [from])
  }
  const pods = podSelection(cluster)
  const services = new Map<string, LabelIndex<string>>()
  const claimTemplates = fromWorkloads(cluster, give)
  for (const binding of cluster.bindings) {
    const { object } = binding
    for (const subject of binding.subjects) give([subjectId(subject)], object.id)
    give([object.id], idOf(binding.roleKind, binding.roleKind === 'Role' ? binding.namespace : '', binding.roleName))
  }
  for (const object of cluster.objects) {
    if (cluster.workloadOf(object.id) !== undefined) continue
    const owner = ownersOf(object, cluster)[0]
    if (owner) give([owner.id], object.id)
    fromReferences(object, give)
    const found = selectorOf(object)
    if (found?.of === 'pods') give(pods.select(object.namespace, found.selector), object.id)
    else if (found) {
      if (services.size === 0) services.set('', serviceIndex(cluster))
      give(services.get('')?.select(object.namespace, found.selector) ?? [], object.id)
    }
    if (object.kind === 'PersistentVolumeClaim') {
      const set = claimTemplates.get(`${object.namespace}/${object.name.replace(/-\d+$/, '')}`)
      if (set !== undefined) give([set], object.id)
    }
    if (object.kind === 'HelmRelease') for (const id of releaseValues(object, cluster)) give([object.id], id)
  }
  return { sourcesOf: (id) => sources.get(id) ?? [] }
}

type Give = (from: readonly string[], to: string) => void

/** What workloads use and what owns them. Returns the workload of each `namespace/template-name` of claim templates. */
function fromWorkloads(cluster: Cluster, give: Give): ReadonlyMap<string, string> {
  const claimTemplates = new Map<string, string>()
  for (const workload of cluster.workloads) {
    const { id, namespace } = workload
    const self = [id]
    for (const use of cluster.usesOf(workload)) give(self, idOf(use.kind, namespace, use.name))
    const accounts = new Set(workload.specs.map(({ pod }) => pod.serviceAccountName))
    for (const account of accounts) give(self, idOf('ServiceAccount', namespace, account))
    for (const owner of ownersOf(workload.object, cluster)) give(self, owner.id)
    for (const template of list(at(workload.object?.body, 'spec', 'volumeClaimTemplates'))) {
      // StatefulSets name a claim after its template, the set and the pod's ordinal.
      claimTemplates.set(`${namespace}/${string(at(template, 'metadata', 'name'))}-${workload.name}`, id)
    }
  }
  return claimTemplates
}

function serviceIndex(cluster: Cluster): LabelIndex<string> {
  return indexByLabels(
    cluster.ofKind('Service').map(({ id, namespace, body }) => ({ namespace, labels: labelsOf(body), value: id })),
  )
}

/** The label selector of an object, whichever field its kind keeps it in, and whether it selects pods or Services. */
function selectorOf(object: KubeObject): { readonly of: 'pods' | 'services'; readonly selector: Selector } | undefined {
  const spec = field(object.body, 'spec')
  if (!isObject(spec)) return undefined
  const parsed =
    object.kind === 'Service' || object.kind === 'ReplicationController'
      ? plainSelector(field(spec, 'selector'))
      : parseSelector(selectorField(object, spec))
  if (parsed === undefined || typeof parsed === 'string') return undefined
  // Only a NetworkPolicy says by an empty selector that it is for all pods; for other kinds that is a slip or a default.
  if (parsed.length === 0 && !object.kind.endsWith('NetworkPolicy')) return undefined
  return { of: object.kind === 'ServiceMonitor' ? 'services' : 'pods', selector: parsed }
}

function selectorField(object: KubeObject, spec: JsonObject): Json | undefined {
  const istio = at(spec, 'workloadSelector', 'labels')
  if (istio !== undefined) return { matchLabels: istio }
  const named = field(spec, 'podSelector') ?? field(spec, 'workloadSelector')
  if (named !== undefined) return named
  if (object.group === 'cilium.io') return withoutPrefixes(field(spec, 'endpointSelector'))
  const selector = field(spec, 'selector')
  if (object.kind === 'Gateway' && object.group === 'networking.istio.io' && isObject(selector))
    return { matchLabels: selector }
  return isObject(field(selector, 'matchLabels')) || Array.isArray(field(selector, 'matchExpressions'))
    ? selector
    : undefined
}

/** Cilium says where a label comes from: `k8s:app`, `any:app`. */
function withoutPrefixes(selector: Json | undefined): Json | undefined {
  const matchLabels = field(selector, 'matchLabels')
  if (!isObject(matchLabels)) return selector
  return {
    ...(selector as JsonObject),
    matchLabels: Object.fromEntries(
      Object.entries(matchLabels).map(([key, value]) => [key.replace(/^(k8s|any):/, ''), value]),
    ),
  }
}

function fromReferences(object: KubeObject, give: Give): void {
  const references = referencesOf(typeName(object.group, object.kind))
  if (references === OF_ANY && !namesTarget(object)) return
  for (const reference of references) {
    visitAt(object.body, reference.path, (found) => {
      const id = named(found, reference, object)
      if (id === undefined || id === object.id) return
      if (reference.flow === 'takes') give([id], object.id)
      else give([object.id], id)
    })
  }
  if (object.group === 'networking.istio.io') {
    for (const path of ISTIO_HOSTS) {
      visitAt(object.body, path, (host) => {
        const id = serviceOfHost(string(host) ?? '', object.namespace)
        if (id !== undefined) give([id], object.id)
      })
    }
  }
}

function namesTarget({ body, group }: KubeObject): boolean {
  const spec = field(body, 'spec')
  return TARGETS.some((key) => field(spec, key) !== undefined) || group === 'networking.istio.io'
}

const ISTIO_HOSTS: readonly (readonly string[])[] = [
  ['spec', 'host'],
  ...['http', 'tcp', 'tls'].map((kind) => ['spec', kind, '*', 'route', '*', 'destination', 'host']),
]

/** The Service that a host names, as Istio reads a short name: in the namespace of the object that has it. */
function serviceOfHost(host: string, namespace: string): string | undefined {
  const [name, given, svc] = host.split('.')
  if (!name || name.includes('*') || (svc !== undefined && svc !== 'svc')) return undefined
  return idOf('Service', given ?? namespace, name)
}

function named(found: Json, reference: Reference, object: KubeObject): string | undefined {
  if (typeof found === 'string') {
    const slash = found.indexOf('/')
    return idOf(reference.to, slash < 0 ? object.namespace : found.slice(0, slash), found.slice(slash + 1))
  }
  const name = string(field(found, reference.key ?? 'name'))
  if (name === undefined || name === '') return undefined
  const type = reference.key === undefined ? typeNamed(found, reference.to) : reference.to
  return idOf(type, string(field(found, 'namespace')) ?? object.namespace, name)
}

/** A kind without its group is of the group that is expected (ClusterIssuer beside Issuer), or built in. */
function typeNamed(found: Json, expected: string): string {
  const kind = string(field(found, 'kind'))
  if (kind === undefined) return expected
  const apiVersion = string(field(found, 'apiVersion'))
  const group = apiVersion === undefined ? string(field(found, 'group')) : groupOf(apiVersion, kind)
  if (group !== undefined) return typeName(group, kind)
  const dot = expected.indexOf('.')
  return dot < 0 ? kind : `${kind}${expected.slice(dot)}`
}
