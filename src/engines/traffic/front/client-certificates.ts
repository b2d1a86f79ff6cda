import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, type Json, list, string } from '../../../cluster/json.ts'
import { annotationsOf, idOf, type KubeObject } from '../../../cluster/object.ts'
import { parseYaml } from '../../../cluster/yaml.ts'

const NGINX = 'nginx.ingress.kubernetes.io/'
const HAPROXY = ['haproxy.org/client-ca', 'haproxy-ingress.github.io/auth-tls-secret'] as const
const GATEWAY = 'gateway.networking.k8s.io'

/**
 * Why whoever has no certificate of the right authority is refused on this route: authenticated origin pulls. It holds
 * whatever door leads to the proxy. Undefined where no certificate is asked for, or none is needed.
 */
export function clientCertificateOf(route: KubeObject, cluster: Cluster): Because | undefined {
  switch (route.kind) {
    case 'Ingress':
      return ofIngress(route)
    case 'HTTPRoute':
    case 'GRPCRoute':
    case 'TLSRoute': {
      const found = gatewaysOf(route, cluster).map((gateway) => ofGateway(gateway, cluster))
      return found.length > 0 && found.every((each) => each !== undefined) ? found[0] : undefined
    }
    case 'IngressRoute':
      return ofTraefik(route, cluster)
    case 'HTTPProxy': {
      const validation = at(route.body, 'spec', 'virtualhost', 'tls', 'clientValidation')
      const isStrict =
        validation !== undefined &&
        field(validation, 'skipClientCertValidation') !== true &&
        field(validation, 'optionalClientCertificate') !== true
      return isStrict
        ? because('asks every client for a certificate', route, ['spec', 'virtualhost', 'tls', 'clientValidation'])
        : undefined
    }
    default:
      return undefined
  }
}

function ofIngress(route: KubeObject): Because | undefined {
  const annotations = annotationsOf(route.body)
  const secret = annotations.get(`${NGINX}auth-tls-secret`)
  // ingress-nginx authtls: `on` is the default; with `optional` a request without a certificate passes.
  const verify = annotations.get(`${NGINX}auth-tls-verify-client`) ?? 'on'
  if (secret !== undefined && secret !== '' && verify === 'on')
    return because(`asks every client for a certificate of the authority in ${secret}`, route, [
      'metadata',
      'annotations',
      `${NGINX}auth-tls-secret`,
    ])
  const haproxy = HAPROXY.find((key) => (annotations.get(key) ?? '') !== '')
  if (haproxy) return because('asks every client for a certificate', route, ['metadata', 'annotations', haproxy])
  const alb = 'alb.ingress.kubernetes.io/mutual-authentication'
  const modes = parseYaml((annotations.get(alb) ?? '').slice(0, 10_000))
  const listeners = modes.problem ? [] : list(modes.value)
  return listeners.length > 0 && listeners.every((each) => field(each, 'mode') === 'verify')
    ? because('asks every client for a certificate', route, ['metadata', 'annotations', alb])
    : undefined
}

export function gatewaysOf(route: KubeObject, cluster: Cluster): readonly KubeObject[] {
  return list(at(route.body, 'spec', 'parentRefs')).flatMap((parent) => {
    if ((string(field(parent, 'kind')) ?? 'Gateway') !== 'Gateway') return []
    const namespace = string(field(parent, 'namespace')) ?? route.namespace
    return cluster.get(idOf(`Gateway.${GATEWAY}`, namespace, string(field(parent, 'name')) ?? '')) ?? []
  })
}

function ofGateway(gateway: KubeObject, cluster: Cluster): Because | undefined {
  const spec = field(gateway.body, 'spec')
  const standing = at(spec, 'tls', 'frontend', 'default', 'validation')
  if (refuses(standing))
    return because('asks every client for a certificate', gateway, ['spec', 'tls', 'frontend', 'default'])
  const listeners = list(field(spec, 'listeners'))
  const own = listeners.map((each) => at(each, 'tls', 'frontendValidation'))
  if (own.length > 0 && own.every(refuses))
    return because('asks every client for a certificate', gateway, ['spec', 'listeners'])
  const policy = cluster.ofKind('ClientTrafficPolicy', 'gateway.envoyproxy.io').find((each) => {
    if (each.namespace !== gateway.namespace) return false
    const refs = [at(each.body, 'spec', 'targetRef'), ...list(at(each.body, 'spec', 'targetRefs'))]
    const names = refs.some(
      (ref) => string(field(ref, 'name')) === gateway.name && field(ref, 'sectionName') === undefined,
    )
    const validation = at(each.body, 'spec', 'tls', 'clientValidation')
    return names && refuses(validation) && field(validation, 'optional') !== true
  })
  return policy && because('asks every client for a certificate', policy, ['spec', 'tls', 'clientValidation'])
}

function refuses(validation: Json | undefined): boolean {
  return (
    list(field(validation, 'caCertificateRefs')).length > 0 && field(validation, 'mode') !== 'AllowInsecureFallback'
  )
}

function ofTraefik(route: KubeObject, cluster: Cluster): Because | undefined {
  const options = at(route.body, 'spec', 'tls', 'options')
  const name = string(field(options, 'name'))
  if (name === undefined) return undefined
  const namespace = string(field(options, 'namespace')) ?? route.namespace
  const object = ['traefik.io', 'traefik.containo.us']
    .map((group) => cluster.get(idOf(`TLSOption.${group}`, namespace, name)))
    .find((each) => each !== undefined)
  return object && at(object.body, 'spec', 'clientAuth', 'clientAuthType') === 'RequireAndVerifyClientCert'
    ? because('asks every client for a certificate', object, ['spec', 'clientAuth'])
    : undefined
}

/** Header names by which an edge shows the origin a secret that only its owner set. */
const SECRET_HEADER =
  /^x-(azure-fdid|(origin|cdn|edge|fastly|cloudfront|cloudflare)[a-z-]*(verify|secret|token|auth|key|id))$/i

/** Of an HTTPRoute each of whose rules wants such a header: who does not know its value comes to no backend. */
export function secretHeaderOf(route: KubeObject): Because | undefined {
  if (route.kind !== 'HTTPRoute') return undefined
  const rules = list(at(route.body, 'spec', 'rules'))
  const isKept = (match: Json): boolean =>
    list(field(match, 'headers')).some(
      (header) =>
        SECRET_HEADER.test(string(field(header, 'name')) ?? '') && (field(header, 'type') ?? 'Exact') === 'Exact',
    )
  const kept = rules.every((rule) => {
    const matches = list(field(rule, 'matches'))
    return matches.length > 0 && matches.every(isKept)
  })
  return rules.length > 0 && kept
    ? because('takes only requests with a header that the edge adds', route, ['spec', 'rules'])
    : undefined
}
