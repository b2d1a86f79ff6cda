import type { Asked } from '../../../authz/authorizers.ts'
import { kubeletRequests } from '../../../authz/kubelet.ts'
import { isUrlRequest, type Request, type ResourceRequest } from '../../../authz/rules.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { namesHaveSlashes, type Resource, resourceAsWritten, resourceNamed } from '../../../cluster/resources.ts'

/** A question in words, as the requests that the API server would make of it. Any one of them is enough. */
export interface Words {
  readonly verb: string
  /** `pods`, `po`, `deployments.apps/web`, `pods/exec`, `secrets/NAME`, `/metrics`, `kubelet://NODE/pods`. */
  readonly resource: string
  readonly subresource?: string
  /** `-n`. */
  readonly namespace?: string
  /** `-A`: one request over all namespaces. */
  readonly all?: boolean
}

export interface Question {
  readonly asked: readonly Asked[]
  /** What was made of the words, where they could be taken for something else. */
  readonly notes: readonly string[]
}

/**
 * `scope`: where nothing is said, `one` asks in the namespace `default`, as kubectl does without a context; `each` asks in
 * every namespace.
 */
export function questionOf(words: Words, cluster: Cluster, scope: 'one' | 'each'): Question {
  const { verb, resource: text } = words
  if (text.startsWith('/')) return pathQuestion(verb, text)
  const kubelet = /^kubelet:(?:\/\/([^/]*))?(\/.*)$/.exec(text)
  if (kubelet) return kubeletQuestion(verb, kubelet[1] ?? '', kubelet[2] as string, cluster.version.minor)
  const notes: string[] = []
  const { resource, isKnown, name, subresource } = partsOf(words, cluster, notes)
  const request: ResourceRequest = {
    verb,
    group: resource.group,
    resource: resource.plural,
    subresource,
    namespace: '',
    name: nameFor(verb, subresource, name, notes),
  }
  if (!isKnown && resource.plural !== '*')
    notes.push(
      `neither Kubernetes nor a CustomResourceDefinition of the input has a resource ${text.split('/')[0]}: asked as written, as one of namespaces`,
    )
  const asked = placed(request, resource, words, scope, notes)
  const ofDomain = domainWide(request)
  if (!ofDomain) return { asked: [asked], notes }
  notes.push(`for a signer it is asked too whether the caller may ${requestText(ofDomain)}: either is enough`)
  return { asked: [asked, { request: ofDomain }], notes }
}

/** A path is authorized without its query. */
function pathQuestion(verb: string, text: string): Question {
  const end = text.indexOf('?')
  const path = end < 0 ? text : text.slice(0, end)
  return {
    asked: [{ request: { verb, path } }],
    notes: end < 0 ? [] : [`a query is not authorized: asked for ${path}`],
  }
}

const OF_SIGNERS: ReadonlySet<string> = new Set(['approve', 'sign', 'attest'])

/** Whoever may so for all signers of a domain may for each (IsAuthorizedForSignerName, plugin/pkg/admission/certificates/util.go). */
function domainWide(request: ResourceRequest): ResourceRequest | undefined {
  const { verb, group, resource, subresource, name } = request
  const slash = name.indexOf('/')
  if (resource !== 'signers' || group !== 'certificates.k8s.io' || subresource !== '' || !OF_SIGNERS.has(verb))
    return undefined
  const all = `${name.slice(0, slash)}/*`
  return slash < 0 || name === all ? undefined : { ...request, name: all }
}

interface Parts {
  readonly resource: Resource
  readonly isKnown: boolean
  readonly name: string
  readonly subresource: string
}

function partsOf(words: Words, cluster: Cluster, notes: string[]): Parts {
  const slash = words.resource.indexOf('/')
  const text = slash < 0 ? words.resource : words.resource.slice(0, slash)
  const rest = slash < 0 ? '' : words.resource.slice(slash + 1)
  const { resource, isKnown } = resourceOf(text, cluster, notes)
  const given = words.subresource
  if (namesHaveSlashes(resource) || given !== undefined)
    return { resource, isKnown, name: rest, subresource: given ?? '' }
  const end = rest.lastIndexOf('/')
  if (end >= 0 && resource.plural === 'userextras')
    notes.push(
      `asked for the value ${rest.slice(0, end)} of the extra field ${rest.slice(end + 1)}: userextras/VALUE/FIELD`,
    )
  if (end >= 0) return { resource, isKnown, name: rest.slice(0, end), subresource: rest.slice(end + 1) }
  const isSub = isSubresource(resource, rest)
  if (isSub && rest !== '*' && resource.plural !== '*')
    notes.push(
      `${rest} is taken for the subresource of ${resource.plural}; for an object of that name add --subresource ""`,
    )
  return { resource, isKnown, name: isSub ? '' : rest, subresource: isSub ? rest : '' }
}

function isSubresource({ plural, group, subresources }: Resource, word: string): boolean {
  if (word === '') return false
  // The subresource is the key of the extra field, the name is its value.
  if (plural === 'userextras' && group === 'authentication.k8s.io') return true
  return word === '*' || plural === '*' || subresources.has(word)
}

const NONE: ReadonlySet<string> = new Set()

function resourceOf(text: string, cluster: Cluster, notes: string[]): { resource: Resource; isKnown: boolean } {
  if (text === '*' || text.startsWith('*.')) {
    const group = text === '*' ? '*' : text.slice(2)
    if (text === '*')
      notes.push('every resource of every group is asked for; *.GROUP asks for those of one, *. of core')
    return { resource: { plural: '*', group, namespaced: true, subresources: NONE }, isKnown: true }
  }
  const known = resourceNamed(text, cluster)
  if (known) return { resource: known, isKnown: true }
  const written = {
    ...resourceAsWritten(text),
    namespaced: true,
    subresources: new Set(['status', 'scale', 'finalizers']),
  }
  return { resource: written, isKnown: false }
}

/** What makes or deletes a collection names no object; requestinfo.go gives a name to lists and watches by a field selector. */
function nameFor(verb: string, subresource: string, name: string, notes: string[]): string {
  if (name === '' || subresource !== '' || (verb !== 'create' && verb !== 'deletecollection')) {
    if (name !== '' && subresource === '' && (verb === 'list' || verb === 'watch'))
      notes.push(`${verb} of one object is asked with the field selector metadata.name=${name}`)
    return name
  }
  notes.push(`a ${verb} names no object where it is authorized: asked without ${name}`)
  return ''
}

/** Verbs on the kind Namespace that are on a collection, and so in no namespace. */
const COLLECTION = new Set(['create', 'list', 'watch', 'deletecollection'])

function placed(
  request: ResourceRequest,
  { namespaced, plural, group }: Resource,
  { namespace, all }: Words,
  scope: 'one' | 'each',
  notes: string[],
): Asked {
  if (!namespaced) {
    if (namespace !== undefined) notes.push(`${plural} are in no namespace: -n says nothing here`)
    if (plural !== 'namespaces' || group !== '' || (COLLECTION.has(request.verb) && request.subresource === ''))
      return { request }
    // A request for a Namespace is in the namespace of that name (apiserver/pkg/endpoints/request/requestinfo.go).
    if (request.name !== '') return { request: { ...request, namespace: request.name } }
    return scope === 'each' && all !== true ? { request, each: 'name' } : { request }
  }
  if (namespace !== undefined && all !== true) return { request: { ...request, namespace } }
  if (all === true) return { request }
  if (scope === 'each') return { request, each: 'namespace' }
  notes.push('asked in the namespace default, as kubectl does; -n names another, -A asks for all at once')
  return { request: { ...request, namespace: 'default' } }
}

const METHODS: Readonly<Record<string, string>> = {
  get: 'GET',
  create: 'POST',
  post: 'POST',
  update: 'PUT',
  put: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
}

function kubeletQuestion(verb: string, node: string, path: string, minor: number): Question {
  const method = Object.hasOwn(METHODS, verb) ? (METHODS[verb] as string) : verb
  const requests = kubeletRequests(method, path, node, minor)
  return {
    asked: requests.map((request) => ({ request })),
    notes: [
      `the kubelet asks whether the caller may ${requests.map((each) => requestText(each)).join(', or ')} (Kubernetes 1.${minor}); it logs no event for it`,
    ],
  }
}

/** For people: `get pods/log in shop`, `list secrets (name db)`, `get /metrics`. */
export function requestText(request: Request): string {
  if (isUrlRequest(request)) return `${request.verb} ${request.path}`
  const { verb, group, resource, subresource, name } = request
  const what = `${resource}${group === '' || group === '*' ? '' : `.${group}`}${name === '' ? '' : `/${name}`}${subresource === '' ? '' : `/${subresource}`}`
  return `${verb} ${what}`
}
