import { at, field, list, string, strings } from './json.ts'
import { type Definitions, KINDS } from './kinds.ts'

/** A resource as discovery tells of it: what rules name, and the words that kubectl takes for it. */
export interface Resource {
  readonly group: string
  readonly plural: string
  /** False for resources of the cluster, which no namespace holds. */
  readonly namespaced: boolean
  readonly subresources: ReadonlySet<string>
}

const SHORT: Readonly<Record<string, readonly string[]>> = {
  certificatesigningrequests: ['csr'],
  componentstatuses: ['cs'],
  configmaps: ['cm'],
  cronjobs: ['cj'],
  customresourcedefinitions: ['crd', 'crds'],
  daemonsets: ['ds'],
  deployments: ['deploy'],
  endpoints: ['ep'],
  events: ['ev'],
  horizontalpodautoscalers: ['hpa'],
  ingresses: ['ing'],
  ipaddresses: ['ip'],
  limitranges: ['limits'],
  namespaces: ['ns'],
  networkpolicies: ['netpol'],
  nodes: ['no'],
  persistentvolumeclaims: ['pvc'],
  persistentvolumes: ['pv'],
  poddisruptionbudgets: ['pdb'],
  pods: ['po'],
  podsecuritypolicies: ['psp'],
  priorityclasses: ['pc'],
  replicasets: ['rs'],
  replicationcontrollers: ['rc'],
  resourcequotas: ['quota'],
  serviceaccounts: ['sa'],
  services: ['svc'],
  statefulsets: ['sts'],
  storageclasses: ['sc'],
}

/** Beside `status`, and `finalizers`, which admission asks of the owner of an object and no server serves. */
const SUBRESOURCES: Readonly<Record<string, readonly string[]>> = {
  certificatesigningrequests: ['approval'],
  deployments: ['scale'],
  namespaces: ['finalize'],
  // All but proxy are asked by the kubelet alone (pkg/kubelet/server/auth.go).
  nodes: ['proxy', 'stats', 'metrics', 'log', 'checkpoint', 'pods', 'healthz', 'configz', 'statusz'],
  pods: ['attach', 'binding', 'ephemeralcontainers', 'eviction', 'exec', 'log', 'portforward', 'proxy', 'resize'],
  replicasets: ['scale'],
  replicationcontrollers: ['scale'],
  serviceaccounts: ['token'],
  services: ['proxy'],
  statefulsets: ['scale'],
}

/** A Secret may be named `status`, since none has one. */
const WITHOUT_STATUS: ReadonlySet<string> = new Set([
  'clusterrolebindings',
  'clusterroles',
  'configmaps',
  'controllerrevisions',
  'csidrivers',
  'csistoragecapacities',
  'endpoints',
  'endpointslices',
  'events',
  'leases',
  'limitranges',
  'podtemplates',
  'priorityclasses',
  'rolebindings',
  'roles',
  'runtimeclasses',
  'secrets',
  'serviceaccounts',
  'storageclasses',
])

/** Resources that are asked about and that no object is of: reviews, and what impersonation and signing ask for. */
const VIRTUAL: readonly { readonly group: string; readonly plural: string; readonly namespaced: boolean }[] = [
  { group: '', plural: 'bindings', namespaced: true },
  { group: '', plural: 'users', namespaced: false },
  { group: '', plural: 'groups', namespaced: false },
  { group: 'authentication.k8s.io', plural: 'selfsubjectreviews', namespaced: false },
  { group: 'authentication.k8s.io', plural: 'tokenreviews', namespaced: false },
  { group: 'authentication.k8s.io', plural: 'uids', namespaced: false },
  { group: 'authentication.k8s.io', plural: 'userextras', namespaced: false },
  { group: 'authentication.k8s.io', plural: 'users', namespaced: false },
  { group: 'authentication.k8s.io', plural: 'groups', namespaced: false },
  { group: 'authentication.k8s.io', plural: 'serviceaccounts', namespaced: true },
  { group: 'authentication.k8s.io', plural: 'nodes', namespaced: false },
  { group: 'authorization.k8s.io', plural: 'localsubjectaccessreviews', namespaced: true },
  { group: 'authorization.k8s.io', plural: 'selfsubjectaccessreviews', namespaced: false },
  { group: 'authorization.k8s.io', plural: 'selfsubjectrulesreviews', namespaced: false },
  { group: 'authorization.k8s.io', plural: 'subjectaccessreviews', namespaced: false },
  { group: 'certificates.k8s.io', plural: 'podcertificaterequests', namespaced: true },
  { group: 'certificates.k8s.io', plural: 'signers', namespaced: false },
  { group: 'coordination.k8s.io', plural: 'leasecandidates', namespaced: true },
  { group: 'metrics.k8s.io', plural: 'nodes', namespaced: false },
  { group: 'metrics.k8s.io', plural: 'pods', namespaced: true },
  { group: 'resource.k8s.io', plural: 'devicetaintrules', namespaced: false },
  { group: 'storage.k8s.io', plural: 'volumeattributesclasses', namespaced: false },
]

const ANY: readonly string[] = ['status', 'finalizers']
const NONE: ReadonlySet<string> = new Set()

function subresourcesOf(plural: string): ReadonlySet<string> {
  return new Set([...(WITHOUT_STATUS.has(plural) ? ['finalizers'] : ANY), ...(SUBRESOURCES[plural] ?? [])])
}

interface Entry {
  readonly words: readonly string[]
  readonly resource: Resource
}

/** Names that a request gives whole, slashes and all: `kubernetes.io/kube-apiserver-client`. */
export function namesHaveSlashes({ group, plural }: Pick<Resource, 'group' | 'plural'>): boolean {
  return group === 'certificates.k8s.io' && plural === 'signers'
}

const BUILT_IN: readonly Entry[] = [
  ...KINDS.map(({ group, kind, plural, namespaced }) => ({
    words: [plural, kind.toLowerCase(), ...(SHORT[plural] ?? [])],
    resource: { group, plural, namespaced, subresources: subresourcesOf(plural) },
  })),
  ...VIRTUAL.map((each) => ({ words: [each.plural], resource: { ...each, subresources: NONE } })),
]

/** In the order in which kubectl prefers groups: core, the built-in ones, then those of CustomResourceDefinitions. */
function entriesOf(definitions: Definitions): readonly Entry[] {
  return [...BUILT_IN, ...definitions.ofKind('CustomResourceDefinition', 'apiextensions.k8s.io').flatMap(customEntry)]
}

function customEntry({ body }: ReturnType<Definitions['ofKind']>[number]): Entry[] {
  const spec = field(body, 'spec')
  const group = string(field(spec, 'group'))
  const plural = string(at(spec, 'names', 'plural'))
  if (group === undefined || plural === undefined) return []
  const kind = string(at(spec, 'names', 'kind'))?.toLowerCase()
  const singular = string(at(spec, 'names', 'singular')) || kind
  const words = [plural, kind, singular, ...strings(at(spec, 'names', 'shortNames'))]
  const hasScale = list(field(spec, 'versions')).some((each) => at(each, 'subresources', 'scale') !== undefined)
  return [
    {
      words: words.filter((each) => each !== undefined),
      resource: {
        group,
        plural,
        namespaced: string(field(spec, 'scope')) !== 'Cluster',
        subresources: new Set([...ANY, ...(hasScale ? ['scale'] : [])]),
      },
    },
  ]
}

/**
 * The resource that kubectl takes a word for: `pods`, `po`, `Deployment`, `deployments.apps`, `deployments.v1.apps`,
 * `roles.rbac` (a group may be cut after any dot or letter: meta.DefaultRESTMapper ResourcesFor). Undefined for what
 * neither Kubernetes nor a definition of the input has.
 */
export function resourceNamed(text: string, definitions: Definitions): Resource | undefined {
  const entries = entriesOf(definitions)
  const [word = '', ...rest] = text.toLowerCase().split('.')
  const named = entries.filter((each) => each.words.includes(word))
  const within = (group: string): Resource | undefined =>
    (
      named.find((each) => each.resource.group === group) ??
      named.find((each) => group !== '' && each.resource.group.startsWith(group))
    )?.resource
  if (rest.length === 0) return named[0]?.resource
  const [version = '', ...group] = rest
  const versioned = isVersion(version) && group.length > 0 ? within(group.join('.')) : undefined
  return versioned ?? within(rest.join('.'))
}

function isVersion(text: string): boolean {
  return /^v\d+((alpha|beta)\d+)?$/.test(text)
}

/** Of a resource that is not known: the plural and the group as they are written, without a version between them. */
export function resourceAsWritten(text: string): { readonly plural: string; readonly group: string } {
  const [plural = '', ...rest] = text.split('.')
  const group = rest.length > 1 && isVersion(rest[0] as string) ? rest.slice(1) : rest
  return { plural, group: group.join('.') }
}
