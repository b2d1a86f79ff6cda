import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, isObject, type Json, type Path, string } from '../../../cluster/json.ts'
import { annotationsOf, idOf, type KubeObject } from '../../../cluster/object.ts'
import { parseYaml } from '../../../cluster/yaml.ts'
import type { Route } from '../routes/route.ts'
import { gatewaysOf } from './client-certificates.ts'
import type { Evidence } from './evidence.ts'
import type { Provider } from './provider.ts'
import { classParams } from './sources.ts'

const ALB = 'alb.ingress.kubernetes.io/'

/** What the cloud attaches to the load balancer of a route: a web application firewall, a cache, Shield. */
export function attachedTo(route: Pick<Route, 'object' | 'target'>, cluster: Cluster): readonly Evidence[] {
  const { object } = route
  const gateways = gatewaysOf(object, cluster)
  return [
    ...ofAnnotations(object),
    ...ofClassParams(object, cluster),
    ...gateways.flatMap((gateway) => ofLoadBalancerConfiguration(gateway, cluster)),
    ...ofBackend(route, cluster),
  ]
}

function evidence(provider: Provider, text: string, object: KubeObject, path: Path): Evidence {
  return { provider, by: 'annotation', truth: 'yes', because: [because(text, object, path)] }
}

const AWS: readonly (readonly [string, Provider, (value: string) => boolean, string])[] = [
  [`${ALB}wafv2-acl-arn`, 'aws-waf', filled, 'has a web ACL'],
  [`${ALB}wafv2-acl-name`, 'aws-waf', filled, 'has a web ACL'],
  [`${ALB}waf-acl-id`, 'aws-waf', filled, 'has a web ACL'],
  [`${ALB}shield-advanced-protection`, 'aws-shield', (value) => value === 'true', 'has Shield Advanced'],
  [
    'service.beta.kubernetes.io/aws-load-balancer-nlb-shield-advanced-protection',
    'aws-shield',
    (value) => value === 'true',
    'has Shield Advanced',
  ],
]

function filled(value: string): boolean {
  return value !== '' && value !== 'none'
}

function ofAnnotations(object: KubeObject): readonly Evidence[] {
  const annotations = annotationsOf(object.body)
  return AWS.flatMap(([key, provider, holds, text]) =>
    holds(annotations.get(key) ?? '') ? [evidence(provider, text, object, ['metadata', 'annotations', key])] : [],
  )
}

function ofClassParams(object: KubeObject, cluster: Cluster): readonly Evidence[] {
  const params = classParams(object, cluster)
  const key = ['wafv2AclArn', 'wafv2AclName'].find((each) => filled(string(at(params?.body, 'spec', each)) ?? ''))
  return params && key ? [evidence('aws-waf', 'its class has a web ACL', params, ['spec', key])] : []
}

/** gateway.k8s.aws LoadBalancerConfiguration, which a Gateway or its class names as parameters. */
function ofLoadBalancerConfiguration(gateway: KubeObject, cluster: Cluster): readonly Evidence[] {
  const className = string(at(gateway.body, 'spec', 'gatewayClassName')) ?? ''
  const gatewayClass = cluster.get(idOf('GatewayClass.gateway.networking.k8s.io', '', className))
  const references: readonly (readonly [Json | undefined, string])[] = [
    [at(gateway.body, 'spec', 'infrastructure', 'parametersRef'), gateway.namespace],
    [at(gatewayClass?.body, 'spec', 'parametersRef'), ''],
  ]
  return references.flatMap(([reference, namespace]) => {
    if (string(field(reference, 'kind')) !== 'LoadBalancerConfiguration') return []
    const name = string(field(reference, 'name')) ?? ''
    const space = string(field(reference, 'namespace')) ?? namespace
    const object = cluster.get(idOf('LoadBalancerConfiguration.gateway.k8s.aws', space, name))
    if (!object) return []
    const acl = string(at(object.body, 'spec', 'wafV2', 'webACL')) ?? ''
    return [
      ...(filled(acl) ? [evidence('aws-waf', 'has a web ACL', object, ['spec', 'wafV2'])] : []),
      ...(at(object.body, 'spec', 'shieldConfiguration', 'enabled') === true
        ? [evidence('aws-shield', 'has Shield Advanced', object, ['spec', 'shieldConfiguration'])]
        : []),
    ]
  })
}

const BACKEND_CONFIG = ['cloud.google.com/backend-config', 'beta.cloud.google.com/backend-config'] as const

/** GKE: a BackendConfig that the Service names, or a GCPBackendPolicy that names the Service. */
function ofBackend({ target }: Pick<Route, 'target'>, cluster: Cluster): readonly Evidence[] {
  return servicesOf(target.service, cluster).flatMap((service) => ofService(service, target.service, cluster))
}

function ofService(service: KubeObject, target: string, cluster: Cluster): readonly Evidence[] {
  const named = BACKEND_CONFIG.map((key) => annotationsOf(service.body).get(key)).find((value) => value !== undefined)
  const configs = backendConfigs(named ?? '', target).flatMap(
    (name) => cluster.get(idOf('BackendConfig.cloud.google.com', service.namespace, name)) ?? [],
  )
  const policies = cluster.ofKind('GCPBackendPolicy', 'networking.gke.io').filter((policy) => {
    const reference = at(policy.body, 'spec', 'targetRef')
    return (
      policy.namespace === service.namespace &&
      string(field(reference, 'kind')) === 'Service' &&
      string(field(reference, 'name')) === service.name
    )
  })
  return [
    ...configs.flatMap((config) => [
      ...(filled(string(at(config.body, 'spec', 'securityPolicy', 'name')) ?? '')
        ? [evidence('google-cloud-armor', 'has a security policy', config, ['spec', 'securityPolicy'])]
        : []),
      ...(at(config.body, 'spec', 'cdn', 'enabled') === true
        ? [evidence('google-cloud-cdn', 'is cached', config, ['spec', 'cdn'])]
        : []),
    ]),
    ...policies.flatMap((policy) =>
      filled(string(at(policy.body, 'spec', 'default', 'securityPolicy')) ?? '')
        ? [evidence('google-cloud-armor', 'has a security policy', policy, ['spec', 'default', 'securityPolicy'])]
        : [],
    ),
  ]
}

/** The Services of a route's target, `shop/web:80, shop/api:80`. */
export function servicesOf(text: string, cluster: Cluster): readonly KubeObject[] {
  return text.split(', ').flatMap((each) => {
    const [namespace = '', rest = ''] = each.split('/')
    return cluster.get(idOf('Service', namespace, rest.replace(/:[^:]*$/, ''))) ?? []
  })
}

/** `{"default": "a"}` or `{"ports": {"80": "a"}}`: the one of the port, else the default. */
function backendConfigs(text: string, target: string): readonly string[] {
  const parsed = parseYaml(text.slice(0, 10_000))
  if (parsed.problem || !isObject(parsed.value)) return []
  const port = target.slice(target.lastIndexOf(':') + 1)
  const own = string(at(parsed.value, 'ports', port)) ?? string(field(parsed.value, 'default'))
  return own === undefined ? [] : [own]
}
