import { AWS_ALB } from './aws-alb.ts'
import { AZURE } from './azure.ts'
import { CILIUM } from './cilium.ts'
import { CONTOUR } from './contour.ts'
import type { Dialect, Product } from './dialect.ts'
import { ENVOY_GATEWAY } from './envoy-gateway.ts'
import { F5_NGINX } from './f5-nginx.ts'
import { GKE } from './gke.ts'
import { HAPROXY } from './haproxy.ts'
import { HAPROXY_INGRESS } from './haproxy-ingress.ts'
import { INGRESS_NGINX } from './ingress-nginx.ts'
import { ISTIO } from './istio.ts'
import { KGATEWAY } from './kgateway.ts'
import { KONG } from './kong.ts'
import { LINKERD } from './linkerd.ts'
import { NGINX_GATEWAY_FABRIC } from './nginx-gateway-fabric.ts'
import { OPENSHIFT } from './openshift.ts'
import { TRAEFIK } from './traefik.ts'

const BY_PRODUCT: Readonly<Record<Product, Dialect>> = {
  'ingress-nginx': INGRESS_NGINX,
  'f5-nginx': F5_NGINX,
  'nginx-gateway-fabric': NGINX_GATEWAY_FABRIC,
  'envoy-gateway': ENVOY_GATEWAY,
  istio: ISTIO,
  traefik: TRAEFIK,
  haproxy: HAPROXY,
  'haproxy-ingress': HAPROXY_INGRESS,
  kong: KONG,
  contour: CONTOUR,
  cilium: CILIUM,
  kgateway: KGATEWAY,
  linkerd: LINKERD,
  openshift: OPENSHIFT,
  gke: GKE,
  'aws-alb': AWS_ALB,
  azure: AZURE,
}

/** One reader for each product, in the order of docs/reference/traffic-dialects.md. */
export const DIALECTS: readonly Dialect[] = Object.values(BY_PRODUCT)

export function dialectOf(product: Product): Dialect {
  return BY_PRODUCT[product]
}
