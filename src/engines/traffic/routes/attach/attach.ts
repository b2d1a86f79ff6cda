import type { Cluster } from '../../../../cluster/cluster.ts'
import type { KubeObject } from '../../../../cluster/object.ts'
import type { Product } from '../../dialects/dialect.ts'
import type { Placed } from '../finish.ts'
import type { Absent, Attached, Attacher } from './attached.ts'
import { canaryAttacher } from './canary.ts'
import { ciliumAttacher } from './cilium.ts'
import { extensionAttacher } from './extension.ts'
import { f5Attacher } from './f5.ts'
import { gkeAttacher } from './gke.ts'
import { kongAttacher } from './kong.ts'
import { istioAttacher, linkerdAttacher } from './mesh.ts'
import { parametersAttacher } from './parameters.ts'
import { policyAttacher } from './policies.ts'
import { serviceAttacher } from './service.ts'
import { traefikAttacher } from './traefik.ts'

const ATTACHERS: readonly Attacher[] = [
  policyAttacher('BackendTrafficPolicy', 'gateway.envoyproxy.io', ['envoy-gateway']),
  policyAttacher('ClientTrafficPolicy', 'gateway.envoyproxy.io', ['envoy-gateway']),
  policyAttacher('TrafficPolicy', 'gateway.kgateway.dev', ['kgateway']),
  policyAttacher('BackendConfigPolicy', 'gateway.kgateway.dev', ['kgateway'], { forServices: true }),
  policyAttacher('ClientSettingsPolicy', 'gateway.nginx.org', ['nginx-gateway-fabric']),
  policyAttacher('RateLimitPolicy', 'gateway.nginx.org', ['nginx-gateway-fabric']),
  policyAttacher('UpstreamSettingsPolicy', 'gateway.nginx.org', ['nginx-gateway-fabric'], { forServices: true }),
  policyAttacher('ProxySettingsPolicy', 'gateway.nginx.org', ['nginx-gateway-fabric']),
  policyAttacher('WebApplicationFirewallPolicy', 'alb.networking.azure.io', ['azure']),
  policyAttacher('GCPBackendPolicy', 'networking.gke.io', ['gke'], { forServices: true }),
  policyAttacher('GCPGatewayPolicy', 'networking.gke.io', ['gke']),
  canaryAttacher,
  traefikAttacher,
  kongAttacher,
  f5Attacher,
  gkeAttacher,
  istioAttacher,
  linkerdAttacher,
  extensionAttacher,
  serviceAttacher,
  parametersAttacher,
  ciliumAttacher,
]

/** Kinds that set limits by being attached to something; one that no route uses does nothing. */
export const POLICY_KINDS: readonly (readonly [kind: string, group: string, product: Product])[] = [
  ['BackendTrafficPolicy', 'gateway.envoyproxy.io', 'envoy-gateway'],
  ['ClientTrafficPolicy', 'gateway.envoyproxy.io', 'envoy-gateway'],
  ['TrafficPolicy', 'gateway.kgateway.dev', 'kgateway'],
  ['ClientSettingsPolicy', 'gateway.nginx.org', 'nginx-gateway-fabric'],
  ['RateLimitPolicy', 'gateway.nginx.org', 'nginx-gateway-fabric'],
  ['ProxySettingsPolicy', 'gateway.nginx.org', 'nginx-gateway-fabric'],
  ['WebApplicationFirewallPolicy', 'alb.networking.azure.io', 'azure'],
  ['LoadBalancerConfiguration', 'gateway.k8s.aws', 'aws-alb'],
  ['CiliumEnvoyConfig', 'cilium.io', 'cilium'],
  ['CiliumClusterwideEnvoyConfig', 'cilium.io', 'cilium'],
  ['GCPBackendPolicy', 'networking.gke.io', 'gke'],
  ['BackendConfig', 'cloud.google.com', 'gke'],
  ['Middleware', 'traefik.io', 'traefik'],
  ['Middleware', 'traefik.containo.us', 'traefik'],
  ['MiddlewareTCP', 'traefik.io', 'traefik'],
  ['KongPlugin', 'configuration.konghq.com', 'kong'],
  ['KongClusterPlugin', 'configuration.konghq.com', 'kong'],
  ['Policy', 'k8s.nginx.org', 'f5-nginx'],
  ['EnvoyFilter', 'networking.istio.io', 'istio'],
  ['HTTPLocalRateLimitPolicy', 'policy.linkerd.io', 'linkerd'],
]

/** All objects whose limits hold for a route, its own parts first. */
export function attaching(cluster: Cluster): (placed: Placed) => readonly (Attached | Absent)[] {
  const made = ATTACHERS.map((each) => each(cluster))
  return (placed) => {
    const product = placed.draft.controller?.product
    const others = made.flatMap(({ products, of }) =>
      products === undefined || (product !== undefined && products.includes(product)) ? of(placed) : [],
    )
    return [...placed.draft.places.map((place) => ({ ...place, because: [] })), ...distinct(others)]
  }
}

function distinct(all: readonly (Attached | Absent)[]): readonly (Attached | Absent)[] {
  const seen = new Set<KubeObject | string>()
  return all.filter((each) => {
    const key = 'absent' in each ? each.absent : each.object
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
