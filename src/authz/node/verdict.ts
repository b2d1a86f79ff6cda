import { type Because, because } from '../../cluster/because.ts'
import type { PolicyRule } from '../../cluster/rbac.ts'
import { isUrlRequest, type Request, type ResourceRequest, ruleAllows } from '../rules.ts'
import type { NodeUses, Used } from './uses.ts'

/** What decides for a node: its name, what belongs to it, the rules of all nodes, and the release's minor version. */
export interface NodeContext {
  readonly node: string
  readonly uses: () => NodeUses
  readonly rules: readonly PolicyRule[]
  readonly minor: number
}

/** Which objects are told apart by whose they are, and how: a verb list, and a subresource where it is not the object itself. */
const READ = ['get', 'list', 'watch']
const OWN = ['get', 'create', 'update', 'patch', 'delete']
const WITH_SELECTOR = 'the same with the field selector of its own name is allowed'

/** NodeAuthorizer.Authorize of plugin/pkg/auth/authorizer/node: why it allows, or why not. */
export function nodeVerdict(context: NodeContext, request: Request): { allowed: boolean; because: readonly Because[] } {
  if (!isUrlRequest(request)) {
    const own = divided(context, request)
    if (own) return own
  }
  return context.rules.some((rule) => ruleAllows(rule, request)) ? yes('every node may') : no()
}

type Verdict = ReturnType<typeof nodeVerdict>

const yes = (text: string): Verdict => ({ allowed: true, because: [because(text)] })
const no = (text?: string): Verdict => ({ allowed: false, because: text === undefined ? [] : [because(text)] })

/** AuthorizeNodeWithSelectors: on from 1.32, locked in 1.34. */
const bySelector = (minor: number): boolean => minor >= 32

/** Undefined for resources that all nodes are allowed alike. */
function divided(context: NodeContext, request: ResourceRequest): Verdict | undefined {
  const { minor } = context
  const { verb, subresource } = request
  switch (request.group === '' ? request.resource : `${request.resource}.${request.group}`) {
    case 'secrets':
    case 'configmaps':
      if (request.namespace === '') return no()
      return plain(request, READ) ? related(context, request) : no()
    case 'persistentvolumeclaims':
      if (subresource === 'status') return ['update', 'patch'].includes(verb) ? related(context, request) : no()
      return plain(request, ['get']) ? related(context, request) : no()
    case 'persistentvolumes':
    case 'resourceclaims.resource.k8s.io':
    case 'volumeattachments.storage.k8s.io':
      return plain(request, ['get']) ? related(context, request) : no()
    case 'serviceaccounts':
      // KubeletServiceAccountTokenForCredentialProviders: on from 1.34.
      if (verb === 'get' && subresource === '')
        return minor >= 34 && request.namespace !== '' ? related(context, request) : no()
      return verb === 'create' && subresource === 'token' ? related(context, request) : no()
    case 'leases.coordination.k8s.io':
      return ownObject(context, request, request.namespace === 'kube-node-lease')
    case 'csinodes.storage.k8s.io':
      return ownObject(context, request, subresource === '')
    case 'resourceslices.resource.k8s.io':
      return minor < 30 ? undefined : resourceSlice(context, request)
    case 'nodes':
      return bySelector(minor) ? node(context, request) : undefined
    case 'pods':
      return bySelector(minor) ? pod(context, request) : undefined
    case 'podcertificaterequests.certificates.k8s.io':
      // PodCertificateRequest: on from 1.37.
      if (minor < 37 || subresource !== '') return no()
      if (verb === 'create') return yes('every node may; admission asks for its own pods')
      if (verb === 'list' || verb === 'watch') return no(WITH_SELECTOR)
      return verb === 'get' ? related(context, request) : no()
    default:
      return undefined
  }
}

function plain({ verb, subresource }: ResourceRequest, verbs: readonly string[]): boolean {
  return subresource === '' && verbs.includes(verb)
}

function related({ node: name, uses }: NodeContext, { resource, namespace, name: object }: ResourceRequest): Verdict {
  const way =
    object === ''
      ? undefined
      : uses()
          .nodesOf(resource as Used, namespace, object)
          .get(name)
  return way ? { allowed: true, because: way } : no('only what its own pods use is allowed, by name')
}

/** The name is not known when an object is made: admission (NodeRestriction) asks for it. */
function ownObject({ node: name }: NodeContext, { verb, name: object }: ResourceRequest, fits: boolean): Verdict {
  if (!fits || !OWN.includes(verb)) return no()
  return verb === 'create' || object === name ? yes('it is the node’s own') : no('only its own is allowed')
}

function resourceSlice(context: NodeContext, request: ResourceRequest): Verdict {
  const { minor } = context
  const { verb, subresource } = request
  if (subresource !== '') return no()
  if (verb === 'create') return yes('every node may; admission asks for its own name in it')
  if (verb === 'list' || verb === 'watch' || (verb === 'deletecollection' && minor >= 31))
    return bySelector(minor) ? no(WITH_SELECTOR) : yes('every node may')
  return ['get', 'update', 'patch', 'delete'].includes(verb) ? related(context, request) : no()
}

function node({ node: name }: NodeContext, { verb, subresource, name: object }: ResourceRequest): Verdict {
  if (subresource === 'status') return ['update', 'patch'].includes(verb) ? yes(ADMITTED) : no()
  if (subresource !== '') return no()
  if (['create', 'update', 'patch'].includes(verb)) return yes(ADMITTED)
  if (!READ.includes(verb)) return no()
  return object === name ? yes('it is the node’s own') : no('only its own Node is allowed, by name')
}

const ADMITTED = 'every node may; admission (NodeRestriction) keeps it to its own'

function pod(context: NodeContext, request: ResourceRequest): Verdict {
  const { verb, subresource, name: object } = request
  if (subresource === 'status') return ['update', 'patch'].includes(verb) ? yes(ADMITTED) : no()
  if (subresource === 'eviction') return verb === 'create' ? yes(ADMITTED) : no()
  if (subresource !== '') return no()
  if (verb === 'create' || verb === 'delete') return yes(ADMITTED)
  if (!READ.includes(verb)) return no()
  if (object === '' && verb !== 'get') return no('the same with the field selector spec.nodeName of its own is allowed')
  return related(context, request)
}
