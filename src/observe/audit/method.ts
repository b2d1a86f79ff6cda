/** What a request was for. */
export interface Target {
  readonly verb: string
  readonly group: string
  /** Empty for a path. */
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
}

const VERSION = /^v\d+((alpha|beta)\d+)?$/
/** Resources and verbs; methods of other services have capitals. */
const WORD = /^[a-z][a-z0-9-]{0,62}$/
const PATHS: ReadonlySet<string> = new Set([
  'healthz',
  'livez',
  'readyz',
  'version',
  'metrics',
  'openapi',
  'api',
  'apis',
])
const METHODS: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options'])
/** Groups that have no domain. */
const PLAIN: ReadonlySet<string> = new Set(['apps', 'batch', 'autoscaling', 'policy', 'extensions'])

/**
 * Of GKE's `methodName`, `io.k8s.<group>.<version>.<resource>[.<subresource>].<verb>` with the group's domain turned around
 * (`io.k8s.authorization.rbac`, `com.coreos.monitoring`), and `resourceName`, `<group>/<version>[/namespaces/<ns>]/<resource>
 * [/<name>[/<subresource>]]`, in which the group stands as it is and `core` for none. Undefined for other methods.
 */
export function targetOf(methodName: string, resourceName: string): Target | undefined {
  const method = methodName.split('.')
  const verb = method.at(-1) ?? ''
  const path = pathOf(method, resourceName)
  if (path !== undefined) return pathTarget(METHODS.has(verb) ? verb : 'get', path)
  const [groupName = '', version = '', ...place] = resourceName.split('/')
  const at = version === '' ? method.findIndex((part) => VERSION.test(part)) : method.lastIndexOf(version)
  const [resource = '', subresource = ''] = at < 0 ? [] : method.slice(at + 1, -1)
  if (at < 1 || !WORD.test(resource) || !WORD.test(verb)) return undefined
  if (PATHS.has(resource)) return pathTarget(verb, resource)
  return {
    verb,
    group: groupName === '' ? groupOf(method.slice(0, at)) : groupName === 'core' ? '' : groupName,
    resource,
    subresource,
    ...placeOf(place, resource),
    path: '',
  }
}

/** `io.k8s.get` of the resource `readyz`, `io.k8s.readyz`, `io.k8s.healthz.get`; undefined for a method of a resource. */
function pathOf(method: readonly string[], resourceName: string): string | undefined {
  const [top, domain, head = '', verb = ''] = method
  if (top !== 'io' || domain !== 'k8s' || method.length < 3 || method.length > 4) return undefined
  if (method.length === 4 && !(PATHS.has(head) && METHODS.has(verb))) return undefined
  const [told = ''] = resourceName.split('?')
  return told !== '' ? told : METHODS.has(head) ? '' : head
}

function pathTarget(verb: string, path: string): Target {
  return {
    verb,
    group: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
    path: path.startsWith('/') ? path : `/${path}`,
  }
}

function groupOf(parts: readonly string[]): string {
  const [top, domain, ...rest] = parts
  if (top === 'io' && domain === 'k8s' && rest.length === 1) {
    const [group = ''] = rest
    return group === 'core' ? '' : PLAIN.has(group) ? group : `${group}.k8s.io`
  }
  return parts.toReversed().join('.')
}

/** The parts after the version; `namespaces/x` is that namespace itself where namespaces are what is asked for. */
function placeOf(parts: readonly string[], resource: string): { readonly namespace: string; readonly name: string } {
  const [head, namespace = '', kind, name = ''] = parts
  // requestinfo.go: a request for a Namespace is in that namespace.
  if (head === 'namespaces' && (resource === 'namespaces' || kind === undefined))
    return { namespace: resource === 'namespaces' ? namespace : '', name: namespace }
  if (head === 'namespaces') return { namespace, name: kind === resource ? name : '' }
  return { namespace: '', name: head === resource ? namespace : '' }
}
