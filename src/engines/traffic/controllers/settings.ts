import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, isObject, type Json, stringMap } from '../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import { parseYaml } from '../../../cluster/yaml.ts'
import type { Product, Settings } from '../dialects/dialect.ts'
import { environmentOf, flagsOf, type Said } from './flags.ts'
import { flatten } from './flatten.ts'

export interface FoundSettings {
  readonly settings: Settings
  readonly object: KubeObject | undefined
}

/** Of a load balancer of the cloud there is nothing more to see. */
export const MANAGED: FoundSettings = {
  settings: { values: new Map(), flags: new Map(), seen: true },
  object: undefined,
}

/** Of a controller that nothing of the input runs. */
export const UNSEEN: FoundSettings = {
  settings: { values: new Map(), flags: new Map(), seen: false },
  object: undefined,
}

/**
 * How a controller is set. Keys are those that its own documentation names: of the ConfigMap; dotted where that holds YAML
 * (Istio's `mesh`, Contour's `contour.yaml`, Traefik's file); of `KONG_*`, `TRAEFIK_*` and `ROUTER_*` in small letters
 * without the prefix.
 */
export function settingsOf(cluster: Cluster, product: Product, workload: Workload): FoundSettings {
  const flags = flagsOf(workload)
  const version = versionOf(workload, product)
  const named = configMapOf(cluster, product, workload, flags)
  const values = new Map<string, Said>([
    ...environment(product, workload),
    ...(named.object ? valuesOf(named.object, product) : []),
    ...annotated(product, workload),
    ...custom(cluster, product),
  ])
  return {
    settings: { values, flags, seen: named.seen, ...(version === undefined ? {} : { version }) },
    object: named.object,
  }
}

/** The flag that names the ConfigMap, and what is read where there is no such flag. */
const CONFIG_MAPS: Readonly<Partial<Record<Product, { flag?: string; usual?: readonly string[] }>>> = {
  'ingress-nginx': { flag: 'configmap' },
  'f5-nginx': { flag: 'nginx-configmaps' },
  haproxy: { flag: 'configmap' },
  'haproxy-ingress': { flag: 'configmap' },
  contour: { usual: ['contour'] },
  istio: { usual: ['istio', 'istio-system/istio'] },
  cilium: { usual: ['cilium-config', 'kube-system/cilium-config'] },
}

function configMapOf(
  cluster: Cluster,
  product: Product,
  workload: Workload,
  flags: ReadonlyMap<string, Said>,
): { readonly object: KubeObject | undefined; readonly seen: boolean } {
  if (product === 'traefik') return { object: mountedFile(cluster, workload), seen: true }
  const { flag, usual = [] } = CONFIG_MAPS[product] ?? {}
  const given = flag === undefined ? undefined : flags.get(flag)?.value
  if (given !== undefined) {
    const object = configMap(cluster, workload, given)
    return { object, seen: object !== undefined || cluster.wasListed('ConfigMap') }
  }
  const object = usual.map((name) => configMap(cluster, workload, name)).find((each) => each !== undefined)
  return { object, seen: usual.length === 0 || object !== undefined || cluster.wasListed('ConfigMap') }
}

function configMap(cluster: Cluster, workload: Workload, name: string): KubeObject | undefined {
  const slash = name.indexOf('/')
  const namespace = slash < 0 ? workload.namespace : name.slice(0, slash)
  return cluster.get(idOf('ConfigMap', namespace, name.slice(slash + 1)))
}

/** Traefik reads /etc/traefik/traefik.yaml where it is mounted. */
function mountedFile(cluster: Cluster, workload: Workload): KubeObject | undefined {
  const pod = workload.specs[0]?.pod
  const mounts = pod?.containers.flatMap((each) => each.mounts).filter((each) => /^\/etc\/traefik/.test(each.mountPath))
  for (const { volume } of mounts ?? []) {
    for (const source of pod?.volumes.find((each) => each.name === volume)?.sources ?? []) {
      const object = source.kind === 'configMap' ? configMap(cluster, workload, source.name) : undefined
      if (object) return object
    }
  }
  return undefined
}

/** Documents in one key of a ConfigMap, with the name that stands before their keys. */
const DOCUMENTS: Readonly<Partial<Record<Product, Readonly<Record<string, string>>>>> = {
  istio: { mesh: '' },
  contour: { 'contour.yaml': '' },
  traefik: { 'traefik.yaml': '', 'traefik.yml': '' },
}

function* valuesOf(object: KubeObject, product: Product): Iterable<[string, Said]> {
  const documents = DOCUMENTS[product] ?? {}
  for (const [key, value] of stringMap(field(object.body, 'data'))) {
    if (!Object.hasOwn(documents, key)) {
      yield [key, { value, because: because(saying(key, value), object, ['data', key]) }]
      continue
    }
    for (const [name, text] of flatten(documentOf(value), documents[key]))
      yield [name, { value: text, because: because(saying(name, text), object, ['data', key]) }]
  }
}

const LONGEST = 60

function saying(name: string, value: string): string {
  return value.length > LONGEST || value.includes('\n') ? `says ${name}` : `${name}: ${value}`
}

function documentOf(text: string): Json | undefined {
  const parsed = parseYaml(text)
  return parsed.problem ? undefined : parsed.value
}

const PREFIXES: Readonly<Partial<Record<Product, string>>> = {
  kong: 'KONG_',
  traefik: 'TRAEFIK_',
  openshift: 'ROUTER_',
}

function* environment(product: Product, workload: Workload): Iterable<[string, Said]> {
  const prefix = PREFIXES[product]
  if (prefix === undefined) return
  for (const [name, said] of environmentOf(workload))
    if (name.startsWith(prefix)) yield [name.slice(prefix.length).toLowerCase(), said]
}

/** Istio: `proxy.istio.io/config` of the pods says over the mesh what the proxy is. */
function* annotated(product: Product, workload: Workload): Iterable<[string, Said]> {
  if (product !== 'istio') return
  const shape = workload.specs[0]
  const text = shape?.pod.annotations.get('proxy.istio.io/config')
  if (!shape || text === undefined) return
  const place = because('proxy.istio.io/config', shape.object)
  for (const [name, value] of flatten(documentOf(text), 'defaultConfig'))
    yield [name, { value, because: { ...place, text: saying(name, value) } }]
}

/** Settings in an object of the product's own kind. */
const KINDS: Readonly<Partial<Record<Product, readonly [kind: string, group: string]>>> = {
  contour: ['ContourConfiguration', 'projectcontour.io'],
  'nginx-gateway-fabric': ['NginxProxy', 'gateway.nginx.org'],
  openshift: ['IngressController', 'operator.openshift.io'],
}

function* custom(cluster: Cluster, product: Product): Iterable<[string, Said]> {
  const [kind, group] = KINDS[product] ?? []
  if (kind === undefined) return
  for (const object of cluster.ofKind(kind, group)) {
    const spec = at(object.body, 'spec')
    if (!isObject(spec)) continue
    for (const [name, value, path] of flatten(spec))
      yield [name, { value, because: because(saying(name, value), object, ['spec', ...path]) }]
  }
}

const VERSION = /:v?(\d+\.\d+(?:\.\d+)?)/

/** Of the image's tag. A digest or `latest` says nothing. */
function versionOf(workload: Workload, product: Product): string | undefined {
  const images = (workload.specs[0]?.pod.containers ?? [])
    .filter(({ role }) => role === 'app')
    .map(({ image }) => image)
  const word = product.replace(/^.*-/, '')
  const image = images.find((each) => each.includes(word)) ?? images[0]
  return image === undefined ? undefined : VERSION.exec(image.split('@')[0] ?? '')?.[1]
}
