import { isObject, type Json } from '../json.ts'

/**
 * How objects name each other, as data. `gives`: what is named takes the application of what names it (a Secret that an
 * Ingress serves). `takes`: the other way round (an Ingress whose backend is a Service).
 */
export interface Reference {
  readonly of: string
  /** Keys; `*` is every item of a list or value of a map. It leads to an object with `name`, or to the name itself. */
  readonly path: readonly string[]
  readonly to: string
  readonly flow: 'takes' | 'gives'
  /** Where the name stands below `path`; `name` when not given. */
  readonly key?: string
}

const split = (path: string): readonly string[] => path.split('.')

const references = (
  of: readonly string[],
  flow: Reference['flow'],
  to: string,
  paths: readonly string[],
  key?: string,
): Reference[] =>
  of.flatMap((each) =>
    paths.map((path) => ({ of: each, path: split(path), to, flow, ...(key === undefined ? {} : { key }) })),
  )

const GATEWAY = 'gateway.networking.k8s.io'
const ROUTES = [GATEWAY, 'networking.x-k8s.io'].flatMap((group) =>
  ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'].map((kind) => `${kind}.${group}`),
)
const WEBHOOKS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']
const EXTERNAL_SECRETS = ['ExternalSecret.external-secrets.io', 'PushSecret.external-secrets.io']
const RELEASES = ['HelmRelease.helm.toolkit.fluxcd.io', 'Kustomization.kustomize.toolkit.fluxcd.io']

const REFERENCES: readonly Reference[] = [
  ...references(['Ingress'], 'takes', 'Service', [
    'spec.defaultBackend.service',
    'spec.rules.*.http.paths.*.backend.service',
  ]),
  ...references(['Ingress'], 'takes', 'Service', ['spec.backend', 'spec.rules.*.http.paths.*.backend'], 'serviceName'),
  ...references(['Ingress'], 'gives', 'Secret', ['spec.tls.*'], 'secretName'),
  ...references(ROUTES, 'takes', 'Service', ['spec.rules.*.backendRefs.*', 'spec.rules.*.forwardTo.*.backendRef']),
  ...references(ROUTES, 'gives', `Gateway.${GATEWAY}`, ['spec.parentRefs.*']),
  ...references([`Gateway.${GATEWAY}`], 'gives', 'Secret', ['spec.listeners.*.tls.certificateRefs.*']),
  ...references(['Route.route.openshift.io'], 'takes', 'Service', ['spec.to', 'spec.alternateBackends.*']),
  ...references(
    ['IngressRoute.traefik.io', 'IngressRouteTCP.traefik.io', 'HTTPProxy.projectcontour.io'],
    'takes',
    'Service',
    ['spec.routes.*.services.*'],
  ),
  ...references(
    ['MultiClusterIngress.networking.gke.io'],
    'takes',
    'MultiClusterService.networking.gke.io',
    ['spec.template.spec.backend', 'spec.template.spec.rules.*.http.paths.*.backend'],
    'serviceName',
  ),
  ...references(WEBHOOKS, 'takes', 'Service', ['webhooks.*.clientConfig.service']),
  ...references(['APIService'], 'takes', 'Service', ['spec.service']),
  ...references(['CustomResourceDefinition'], 'takes', 'Service', ['spec.conversion.webhook.clientConfig.service']),
  ...references(['PersistentVolume'], 'takes', 'PersistentVolumeClaim', ['spec.claimRef']),
  ...references(['ServiceAccount'], 'gives', 'Secret', ['secrets.*', 'imagePullSecrets.*']),
  ...references(['Certificate.cert-manager.io'], 'takes', 'Secret', ['spec'], 'secretName'),
  ...references(['Certificate.cert-manager.io'], 'gives', 'Issuer.cert-manager.io', ['spec.issuerRef']),
  ...references(['ExternalSecret.external-secrets.io'], 'takes', 'Secret', ['spec.target', 'metadata']),
  ...references(['SealedSecret.bitnami.com', 'VaultStaticSecret.secrets.hashicorp.com'], 'takes', 'Secret', [
    'metadata',
    'spec.destination',
  ]),
  ...references(EXTERNAL_SECRETS, 'gives', 'SecretStore.external-secrets.io', [
    'spec.secretStoreRef',
    'spec.secretStoreRefs.*',
  ]),
  ...references(['VirtualService.networking.istio.io'], 'gives', 'Gateway.networking.istio.io', ['spec.gateways.*']),
  ...references(RELEASES, 'gives', 'ConfigMap', ['spec.valuesFrom.*', 'spec.postBuild.substituteFrom.*']),
  ...references(RELEASES, 'gives', 'OCIRepository.source.toolkit.fluxcd.io', [
    'spec.chartRef',
    'spec.sourceRef',
    'spec.chart.spec.sourceRef',
  ]),
  ...references(['ServiceExport.net.gke.io', 'ServiceExport.multicluster.x-k8s.io'], 'takes', 'Service', ['metadata']),
  // Attached policies and scalers name what they are for, whatever their own kind.
  ...references(['*'], 'takes', 'Service', ['spec.targetRef', 'spec.targetRefs.*']),
  ...references(['*'], 'takes', 'Deployment', ['spec.scaleTargetRef']),
]

/** The fields of `spec` in which any kind may say what it is for. */
export const TARGETS = ['targetRef', 'targetRefs', 'scaleTargetRef'] as const

const BY_KIND = new Map<string, Reference[]>()
for (const reference of REFERENCES) BY_KIND.set(reference.of, [...(BY_KIND.get(reference.of) ?? []), reference])
/** For kinds of which nothing else is known. */
export const OF_ANY: readonly Reference[] = BY_KIND.get('*') ?? []
const ALL: ReadonlyMap<string, readonly Reference[]> = new Map(
  [...BY_KIND].map(([of, own]) => [of, [...own, ...OF_ANY]]),
)

export function referencesOf(type: string): readonly Reference[] {
  return ALL.get(type) ?? OF_ANY
}

/** Every value at `path`. */
export function visitAt(
  value: Json | undefined,
  path: readonly string[],
  visit: (found: Json) => void,
  from = 0,
): void {
  if (value === undefined || value === null) return
  if (from === path.length) {
    visit(value)
    return
  }
  const step = path[from] as string
  if (step === '*') {
    const items = Array.isArray(value) ? (value as readonly Json[]) : isObject(value) ? Object.values(value) : []
    for (const item of items) visitAt(item, path, visit, from + 1)
  } else if (isObject(value) && Object.hasOwn(value, step)) visitAt(value[step], path, visit, from + 1)
}
