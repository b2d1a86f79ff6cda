import type { Cluster } from '../../../cluster/cluster.ts'
import { at, string } from '../../../cluster/json.ts'
import { plainSelector, selects } from '../../../cluster/labels.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import type { ProxyProduct } from '../../../cluster/proxies.ts'
import { gatewayClassOf, ingressClassOf, type ServingClass } from '../../../cluster/serving-class.ts'
import { namedClassOf } from './classes.ts'
import type { Controller } from './controller.ts'
import { controllersOf, unseenController } from './controllers.ts'

/** Which controller carries what an object asks for, and what would tell where nobody can know. */
export interface Serving {
  readonly controller: Controller | undefined
  readonly missing?: string
}

/** The controllers of a cluster by product and class, with those of which only the class was seen. */
export interface Servers {
  ofIngress(ingress: KubeObject): Serving
  ofGateway(gateway: KubeObject): Serving
  /** Of the route kinds of a single product. */
  ofProduct(product: ProxyProduct, className?: string): Serving
  /** Whose pods a selector finds in any namespace (Gateways of Istio). */
  selectedBy(gateway: KubeObject): Serving
  /** Those of the input, and those that only classes name. */
  all(): readonly Controller[]
}

const done = new WeakMap<Cluster, Servers>()

export function serversOf(cluster: Cluster): Servers {
  const known = done.get(cluster)
  if (known) return known
  const made = makeServers(cluster)
  done.set(cluster, made)
  return made
}

function makeServers(cluster: Cluster): Servers {
  const seen = controllersOf(cluster)
  const unseen = new Map<string, Controller>()
  const stranger = (product: ProxyProduct, controller: string): Controller => {
    const key = `${product} ${controller}`
    const made = unseen.get(key) ?? unseenController(product, [controller])
    unseen.set(key, made)
    return made
  }
  const ofClass = (served: ServingClass, may: (each: Controller) => boolean = () => true): Serving => {
    const able = seen.filter(may)
    const exact = able.filter((each) => each.classes.includes(served.controller ?? ''))
    if (exact.length > 0 && served.object) return one(exact)
    const named = able.filter((each) => served.name !== undefined && namedClassOf(each.settings.flags) === served.name)
    if (named.length > 0) return one(named)
    const product = served.product
    if (product === undefined || served.controller === undefined)
      return { controller: undefined, missing: `the controller of class ${served.name ?? '(none)'}` }
    // The class `nginx` is what both controllers of nginx are installed with.
    const alike = able.filter(
      (each) => each.product === product || (served.name === 'nginx' && each.product === 'f5-nginx'),
    )
    const free = served.object ? alike.filter((each) => !hasOtherClass(each, served)) : alike
    if (free.length > 0) return one(free)
    return { controller: stranger(product as ProxyProduct, served.controller) }
  }
  return {
    ofIngress(ingress) {
      const served = ingressClassOf(cluster, ingress)
      const may = (each: Controller): boolean => watches(each, ingress.namespace)
      return served.name === undefined ? classless(cluster, seen.filter(may), ingress, stranger) : ofClass(served, may)
    },
    ofGateway(gateway) {
      const own = seen.filter((each) => isMadeFor(each, gateway))
      if (own.length > 0) return one(own)
      const served = gatewayClassOf(cluster, string(at(gateway.body, 'spec', 'gatewayClassName')) ?? '')
      const serving = ofClass(served, (each) => !isMadeForSome(each, served))
      // Istio's ingress gateway serves only the Gateways that name its address; others get a Deployment of their own.
      return serving.controller?.workload && serving.controller.product === 'istio'
        ? { controller: stranger('istio', served.controller ?? 'istio') }
        : serving
    },
    ofProduct(product, className) {
      const alike = seen.filter((each) => each.product === product)
      const named = alike.filter((each) => className !== undefined && namedClassOf(each.settings.flags) === className)
      if (named.length > 0) return one(named)
      return alike.length > 0 ? one(alike) : { controller: stranger(product, className ?? product) }
    },
    selectedBy(gateway) {
      const selector = plainSelector(at(gateway.body, 'spec', 'selector'))
      const found = selector
        ? seen.filter(({ workload }) => workload?.specs.some(({ pod }) => selects(selector, pod.labels)))
        : []
      return found.length > 0 ? one(found) : { controller: stranger('istio', 'istio') }
    },
    all: () => [...seen, ...unseen.values()],
  }
}

/**
 * Of several that fit, and that nothing tells apart (an install that stands in the input in several forms), one that a load
 * balancer leads to, and of those the newest.
 */
function one(all: readonly Controller[]): Serving {
  const better = (a: Controller, b: Controller): Controller => (compare(rank(b), rank(a)) > 0 ? b : a)
  const [first, ...rest] = all
  return { controller: first && rest.reduce(better, first) }
}

function rank({ services, settings }: Controller): readonly number[] {
  const isBalanced = services.some((each) => at(each.body, 'spec', 'type') === 'LoadBalancer')
  return [isBalanced ? 1 : 0, ...(settings.version ?? '').split('.').map(Number)]
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((each, index) => each !== (b[index] ?? 0))
  return at < 0 ? 0 : (a[at] as number) - (b[at] ?? 0)
}

/** Flags that name the only namespaces that a controller reads. */
const NAMESPACE_FLAGS = ['watch-namespace', 'namespace-whitelist', 'providers.kubernetesingress.namespaces']

function watches({ settings: { flags } }: Controller, namespace: string): boolean {
  const said = [...flags].find(([name, { value }]) => value !== '' && NAMESPACE_FLAGS.includes(name.toLowerCase()))
  return said === undefined || said[1].value.split(',').some((each) => each.trim() === namespace)
}

/** A controller that was told to serve another class than this one. */
function hasOtherClass(controller: Controller, served: ServingClass): boolean {
  return (
    ['controller-class', 'controllerclass'].some((flag) => controller.settings.flags.has(flag)) &&
    !controller.classes.includes(served.controller ?? '')
  )
}

/** GEP-1762: what is deployed for a Gateway carries its name. */
/** Deployed for a Gateway, which another one is not served by; or, where Gateways are merged, for those of another class. */
function isMadeForSome({ workload }: Controller, { name }: ServingClass): boolean {
  return (workload?.specs ?? []).some(({ pod: { labels } }) => {
    const merged = labels.get('gateway.envoyproxy.io/owning-gatewayclass')
    return (
      labels.has('gateway.networking.k8s.io/gateway-name') ||
      labels.has('gateway.envoyproxy.io/owning-gateway-name') ||
      (merged !== undefined && merged !== name)
    )
  })
}

function isMadeFor({ workload }: Controller, gateway: KubeObject): boolean {
  return (workload?.specs ?? []).some(({ pod }) => {
    if (pod.labels.get('gateway.networking.k8s.io/gateway-name') === gateway.name)
      return workload?.namespace === gateway.namespace
    return (
      pod.labels.get('gateway.envoyproxy.io/owning-gateway-name') === gateway.name &&
      pod.labels.get('gateway.envoyproxy.io/owning-gateway-namespace') === gateway.namespace
    )
  })
}

/** Whether a controller takes an Ingress that names no class, where none is the default. */
function takesClassless({ product, settings: { flags } }: Controller): boolean {
  const flag = (name: string): boolean => flags.has(name) && flags.get(name)?.value !== 'false'
  switch (product) {
    case 'ingress-nginx':
    case 'haproxy-ingress':
      return flag('watch-ingress-without-class')
    case 'haproxy':
      return flag('empty-ingress-class') || namedClassOf(flags) === undefined
    case 'traefik':
      return namedClassOf(flags) === undefined
    case 'contour':
      return true
    default:
      return false
  }
}

function classless(
  cluster: Cluster,
  seen: readonly Controller[],
  ingress: KubeObject,
  stranger: (product: ProxyProduct, controller: string) => Controller,
): Serving {
  const taking = seen.filter(takesClassless)
  if (taking.length > 0) return one(taking)
  // GKE serves every Ingress that names no class (cloud.google.com/kubernetes-engine/docs/concepts/ingress).
  if (isOnGke(cluster, ingress)) return { controller: stranger('gke', 'gce') }
  const product = productOfAnnotations(ingress)
  if (product) return { controller: stranger(product, product), missing: `the IngressClass that is the default` }
  return { controller: undefined, missing: 'the class of the Ingress, or the IngressClass that is the default' }
}

const GKE_GROUPS = ['networking.gke.io', 'cloud.google.com', 'net.gke.io']

const gke = new WeakMap<Cluster, boolean>()

function isOnGke(cluster: Cluster, ingress: KubeObject): boolean {
  const own = [...annotationsOf(ingress.body).keys()]
  if (
    own.some((key) =>
      /^(networking|cloud)\.(gke\.io|google\.com)\/|^ingress\.(gcp|kubernetes\.io\/static-ip)|^kubernetes\.io\/ingress\.(global|regional)-static-ip-name$/.test(
        key,
      ),
    )
  )
    return true
  const known = gke.get(cluster)
  if (known !== undefined) return known
  const found = cluster.objects.some(
    ({ group, kind, body }) =>
      (GKE_GROUPS.includes(group) && kind !== 'CustomResourceDefinition') ||
      (kind === 'Service' && annotationsOf(body).has('cloud.google.com/neg')) ||
      (kind === 'Node' && (string(at(body, 'spec', 'providerID')) ?? '').startsWith('gce:')),
  )
  gke.set(cluster, found)
  return found
}

const OWN_ANNOTATIONS: readonly (readonly [RegExp, ProxyProduct])[] = [
  [/^nginx\.ingress\.kubernetes\.io\//, 'ingress-nginx'],
  [/^nginx\.(org|com)\//, 'f5-nginx'],
  [/^traefik\.ingress\.kubernetes\.io\//, 'traefik'],
  [/^haproxy\.org\//, 'haproxy'],
  [/^haproxy-ingress\.github\.io\//, 'haproxy-ingress'],
  [/^konghq\.com\//, 'kong'],
  [/^projectcontour\.io\//, 'contour'],
  [/^alb\.ingress\.kubernetes\.io\//, 'aws-alb'],
  [/^appgw\.ingress\.kubernetes\.io\//, 'azure'],
]

/** Whom an Ingress was written for, by its annotations. */
export function productOfAnnotations(ingress: KubeObject): ProxyProduct | undefined {
  return productsOfAnnotations(ingress)[0]
}

/** All of them, where its annotations are for several. */
export function productsOfAnnotations(ingress: KubeObject): readonly ProxyProduct[] {
  const keys = [...annotationsOf(ingress.body).keys()]
  return OWN_ANNOTATIONS.flatMap(([pattern, product]) => (keys.some((key) => pattern.test(key)) ? [product] : []))
}
