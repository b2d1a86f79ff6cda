import { idParts } from '../cluster/object.ts'

/** How a path reads to people; the same words on a terminal and on a page. It knows edges by their kinds' titles only. */

export interface Step {
  /** Ids of the nodes at its ends. */
  readonly from: string
  readonly to: string
  readonly text: string
  readonly chance: number
  readonly unknown: boolean
  /** Which of the path's edges it tells, by their place. */
  readonly edges: readonly number[]
}

export interface PathEdge {
  readonly kind: string
  readonly from: string
  readonly to: string
  readonly chance: number
  readonly truth: 'yes' | 'unknown'
}

const SCOPES: Readonly<Record<string, readonly [one: string, all: string]>> = {
  pods: ['every pod of', 'every pod of the cluster'],
  'new-pods': ['new pods in', 'new pods in any namespace'],
  'new-containers': ['new containers in the pods of', 'new containers in any pod'],
  secrets: ['every Secret of', 'every Secret of the cluster'],
  serviceaccounts: ['every service account of', 'every service account'],
  ports: ['the ports of every pod of', 'the ports of every pod'],
  'proxied-ports': ['the ports of every pod of', 'the ports of every pod'],
  'service-ports': ['every Service of', 'every Service'],
  applications: ['every application of', 'every application'],
  'applications behind services': ['every application behind a Service of', 'every application behind a Service'],
  'led applications': ['every controller with a lease in', 'every controller with a lease'],
  'traffic of services': ['connections to every Service of', 'connections to every Service'],
  'traffic to the outside': ['connections to services outside', 'connections to services outside'],
  names: ['every name of the cluster', 'every name of the cluster'],
  'bound claims': ['every claim with a volume', 'every claim with a volume'],
  'pods of any labels': ['pods of any labels in', 'pods of any labels'],
  'namespaces of any labels': ['any labels of', 'any labels of namespaces'],
  'namespaces without policies': ['pods without policies in', 'pods without policies'],
  'pods that are made again': ['every pod that is made again of', 'every pod that is made again'],
  nodes: ['any node', 'any node'],
  users: ['any user', 'any user'],
}

const PROVIDERS: Readonly<Record<string, string>> = { aws: 'AWS', gcp: 'Google Cloud', azure: 'Azure' }

export function nodeText(id: string): string {
  const { kind, namespace, name } = idParts(id)
  const inNamespace = namespace === '' ? name : `${namespace}/${name}`
  switch (kind) {
    case 'ControlPlane':
      return 'the control plane'
    case 'Internet':
      return 'the internet'
    case 'Application':
      return `application ${inNamespace}`
    case 'ServiceAccount':
      return `service account ${inNamespace}`
    case 'User':
    case 'Group':
    case 'Node':
      return `${kind.toLowerCase()} ${name}`
    case 'PersistentVolumeClaim':
      return `claim ${inNamespace}`
    case 'CloudIdentity':
      return `${PROVIDERS[namespace] ?? namespace} identity ${name}`
    case 'CloudAsset':
      return `${PROVIDERS[namespace] ?? namespace} ${name}`
    case 'AccessPolicy':
      return `the access policy ${name}${namespace === '' ? '' : ` in ${namespace}`}`
    case 'External':
      return name
    case 'Reach': {
      const text = name.replace(/#\w+$/, '')
      return namespace === '' ? text : `${text} in namespace ${namespace}`
    }
    case 'Scope':
      return scopeText(namespace, name)
    default:
      return `${kind} ${inNamespace}`
  }
}

function scopeText(namespace: string, name: string): string {
  if (name.startsWith('pods with node constraints')) return 'pods that may be placed there'
  if (name.startsWith('one pod of ')) return `${name} in namespace ${namespace}`
  if (name.startsWith('credentials of pods')) return 'the credentials of pods that may be placed there'
  // `requests to a new Ingress`: named after a kind of object.
  if (name.startsWith('requests '))
    return namespace === '*' ? name : `${name} in ${namespace === '' ? 'any namespace' : `namespace ${namespace}`}`
  const known = Object.hasOwn(SCOPES, name) ? SCOPES[name] : undefined
  if (namespace === '' || namespace === '*') return known?.[1] ?? `all ${name}`
  return known
    ? `${known[0]}${name === 'nodes' || name === 'users' ? '' : ` namespace ${namespace}`}`
    : `every one of the ${name} of namespace ${namespace}`
}

/** Edges that only lead into or out of a scope or a class are no step of their own. */
const INTO = new Set(['sends'])
const OUT_OF = new Set(['contains', 'receives'])

/** The steps of a path: what an attacker does, one after another. */
export function stepsOf(edges: readonly PathEdge[], titleOf: (kind: string) => string): readonly Step[] {
  const steps: Step[] = []
  let start: { from: string; edges: number[] } | undefined
  edges.forEach((edge, at) => {
    const last = steps.at(-1)
    if (INTO.has(edge.kind)) {
      start = { from: start?.from ?? edge.from, edges: [...(start?.edges ?? []), at] }
    } else if (OUT_OF.has(edge.kind) && last) {
      steps[steps.length - 1] = {
        ...last,
        to: edge.to,
        unknown: last.unknown || edge.truth === 'unknown',
        text: say(last.text, edge.to),
        edges: [...last.edges, at],
      }
    } else {
      const from = start?.from ?? edge.from
      const text = `${capital(nodeText(from))} ${titleOf(edge.kind)}: ${nodeText(edge.to)}`
      steps.push({
        from,
        to: edge.to,
        text,
        chance: edge.chance,
        unknown: edge.truth === 'unknown',
        edges: [...(start?.edges ?? []), at],
      })
      start = undefined
    }
  })
  return steps
}

/** The same step with another end: what stands behind the first colon is the end. */
function say(text: string, to: string): string {
  const colon = text.lastIndexOf(': ')
  const scope = text.slice(colon + 2)
  const isPlain = /^(every|any|the|new|pods|\d|from|to)\b/.test(scope)
  return isPlain ? `${text.slice(0, colon)}: ${nodeText(to)}` : `${text}, ${nodeText(to)}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
