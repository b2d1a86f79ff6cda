import type { PodSpec } from './pod.ts'

/** A program that passes requests from outside on to backends, as it names itself in classes and as it runs. */
export interface Proxy {
  readonly product: ProxyProduct
  /** `spec.controller` of an IngressClass or `spec.controllerName` of a GatewayClass, or the name of either. */
  readonly controller: RegExp
  /** Whether a pod carries the requests; never of one that only configures those that do. */
  readonly runs: (pod: PodSpec) => boolean
}

export type ProxyProduct =
  | 'ingress-nginx'
  | 'f5-nginx'
  | 'nginx-gateway-fabric'
  | 'envoy-gateway'
  | 'istio'
  | 'traefik'
  | 'haproxy'
  | 'haproxy-ingress'
  | 'kong'
  | 'contour'
  | 'cilium'
  | 'kgateway'
  | 'openshift'
  | 'gke'
  | 'aws-alb'
  | 'azure'

const image =
  (pattern: RegExp) =>
  (pod: PodSpec): boolean =>
    pod.containers.some((container) => pattern.test(container.image))
const label =
  (key: string, value: RegExp) =>
  (pod: PodSpec): boolean =>
    value.test(pod.labels.get(key) ?? '')
/** A load balancer of the cloud: no pod of the cluster runs it. */
const managed = (): boolean => false

/** The first whose `controller` matches a class serves it: names that others contain stand after them. */
export const PROXIES: readonly Proxy[] = [
  { product: 'nginx-gateway-fabric', controller: /gateway\.nginx\.org/, runs: image(/nginx-gateway-fabric/) },
  { product: 'f5-nginx', controller: /nginx\.org/, runs: image(/nginx\/nginx-(plus-)?ingress([:@]|$)/) },
  {
    product: 'ingress-nginx',
    controller: /nginx/,
    runs: image(/ingress-nginx\/controller|nginx-ingress-controller|ingress-nginx-controller/),
  },
  { product: 'traefik', controller: /traefik/, runs: image(/traefik([:@]|$)/) },
  {
    product: 'haproxy-ingress',
    controller: /haproxy-ingress/,
    runs: image(/jcmoraisjr\/haproxy-ingress|(^|\/)haproxy-ingress([:@]|$)/),
  },
  { product: 'haproxy', controller: /haproxy/, runs: image(/haproxy(tech)?\/?(kubernetes-|-)?ingress/) },
  {
    product: 'contour',
    controller: /contour/,
    // Its Envoy is told by Contour where to get its configuration; others run Envoy under the same label.
    runs: (pod) => label('app', /envoy/)(pod) && image(/envoy([:@]|$)/)(pod) && image(/contour([:@]|$)/)(pod),
  },
  { product: 'kong', controller: /kong/, runs: image(/(^|\/)kong(-gateway)?([:@]|$)/) },
  { product: 'istio', controller: /istio/, runs: label('istio', /ingressgateway|ingress-gateway/) },
  {
    product: 'envoy-gateway',
    controller: /gateway\.envoyproxy\.io/,
    runs: label('app.kubernetes.io/managed-by', /^envoy-gateway$/),
  },
  { product: 'cilium', controller: /cilium/, runs: label('k8s-app', /^cilium-envoy$/) },
  { product: 'kgateway', controller: /kgateway|solo\.io\/gloo/, runs: label('kgateway', /^kube-gateway$/) },
  {
    product: 'openshift',
    controller: /openshift/,
    runs: label('ingresscontroller.operator.openshift.io/deployment-ingresscontroller', /./),
  },
  { product: 'gke', controller: /^gce(-internal)?$|^gke-|networking\.gke\.io/, runs: managed },
  { product: 'aws-alb', controller: /(^|\/)alb$|gateway\.k8s\.aws/, runs: managed },
  { product: 'azure', controller: /azure/, runs: managed },
]

/** Whether the product is a load balancer of a cloud, of which the cluster sees no pod. */
export function isManaged(product: string): boolean {
  return product === 'gke' || product === 'aws-alb' || product === 'azure'
}

/** What serves a class, by its controller or, where no class object says one, by its name. */
export function proxyOfClass(controller: string): Proxy | undefined {
  return PROXIES.find((proxy) => proxy.controller.test(controller))
}
