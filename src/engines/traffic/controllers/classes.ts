import type { Product } from '../dialects/dialect.ts'
import type { Said } from './flags.ts'

/** `spec.controller` and `spec.controllerName` that a product serves where no flag says another. */
const USUAL: Readonly<Partial<Record<Product, readonly string[]>>> = {
  'ingress-nginx': ['k8s.io/ingress-nginx'],
  'f5-nginx': ['nginx.org/ingress-controller'],
  'nginx-gateway-fabric': ['gateway.nginx.org/nginx-gateway-controller'],
  'envoy-gateway': ['gateway.envoyproxy.io/gatewayclass-controller'],
  istio: ['istio.io/ingress-controller', 'istio.io/gateway-controller'],
  traefik: ['traefik.io/ingress-controller', 'traefik.io/gateway-controller'],
  haproxy: ['haproxy.org/ingress-controller', 'haproxy.org/ingress-controller/haproxy'],
  'haproxy-ingress': ['haproxy-ingress.github.io/controller'],
  kong: ['ingress-controllers.konghq.com/kong', 'konghq.com/kic-gateway-controller', 'konghq.com/gateway-operator'],
  contour: ['projectcontour.io/ingress-controller', 'projectcontour.io/gateway-controller'],
  cilium: ['cilium.io/ingress-controller', 'io.cilium/gateway-controller'],
  kgateway: ['kgateway.dev/kgateway', 'solo.io/gloo-gateway'],
  openshift: ['openshift.io/ingress-to-route', 'openshift.io/gateway-controller'],
}

/** Flags by which an install serves a class of its own, so that two of them may stand side by side. */
const CONTROLLER_FLAGS = ['controller-class', 'controllerclass']

export function controllerClassesOf(product: Product, flags: ReadonlyMap<string, Said>): readonly string[] {
  const own = CONTROLLER_FLAGS.map((flag) => flags.get(flag)?.value).find((value) => value !== undefined)
  return own === undefined ? (USUAL[product] ?? []) : [own]
}

/** Flags that name the class of an Ingress that has no IngressClass object. */
const NAME_FLAGS = ['ingress-class', 'ingress.class', 'ingress-class-name', 'providers.kubernetesingress.ingressclass']

/** Traefik reads the names of its flags in any letters. */
export function namedClassOf(flags: ReadonlyMap<string, Said>): string | undefined {
  const named = [...flags].find(([name, { value }]) => value !== '' && NAME_FLAGS.includes(name.toLowerCase()))
  return named?.[1].value
}
