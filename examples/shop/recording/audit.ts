import { random } from '../../../bench/generate.ts'
import { accountOf, callerOf, type Manner } from './callers.ts'
import { dateOf, days, HOUR_MS, inOrder, type Line, stamp, within } from './clock.ts'
import { BACKUP, HABITS, NODES, ONCE, SEED, WORKLOADS } from './plan.ts'
import { type Draw, pick, podsOf, uuid } from './pods.ts'

/** The audit log, one audit.k8s.io/v1 Event a line, in the order in which requests end. */
export function audit(): string {
  const draw = random(SEED)
  const lines: Line[] = []
  for (const day of days()) {
    for (const [name, perDay, requests, manner = {}] of HABITS) {
      if (manner.weekdays && !manner.weekdays.includes(new Date(day).getUTCDay())) continue
      const callers = name === 'nodes' ? Object.values(NODES).map((node) => `node ${node.name}`) : [name]
      for (const caller of callers)
        for (const request of requests.split(', '))
          for (let count = 0; count < perDay; count++)
            lines.push(event(within(day, manner.hours ?? [0, 24], draw), caller, request, manner, draw))
    }
  }
  for (const [at, caller, request, manner = {}] of ONCE)
    lines.push(event(Date.parse(at), caller, request, manner, draw))
  return inOrder(lines)
}

function event(time: number, callerName: string, request: string, manner: Manner, draw: Draw): Line {
  const caller = callerOf(callerName, time, draw)
  const asked = parse(request, callerName.replace('node ', ''), time, draw)
  const { verb, resource } = asked
  const level = LEVELS[resource]
  const code = manner.code ?? (verb === 'create' ? 201 : 200)
  const isDenied = code === 403
  const isLong = verb === 'watch' || asked.subresource === 'exec'
  const lastedMs = isLong ? (5 + 5 * draw()) * 60_000 : verb === 'list' ? 4 + 40 * draw() : 1 + 12 * draw()
  const end = time + Math.round(lastedMs)
  const value = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: level ?? 'Metadata',
    auditID: uuid(draw),
    stage: 'ResponseComplete',
    requestURI: uriOf(asked, manner),
    verb,
    user: caller.user,
    sourceIPs: [caller.address],
    userAgent: caller.agent,
    ...(resource === '' ? {} : { objectRef: refOf(asked) }),
    responseStatus: { metadata: {}, ...FAILED[code], code },
    ...(level === undefined ? {} : bodies(asked, callerName.replace('node ', ''))),
    requestReceivedTimestamp: stamp(time, 6, draw),
    stageTimestamp: stamp(end, 6, draw),
    annotations: {
      ...(callerName === 'legacy' ? { 'authentication.k8s.io/legacy-token': caller.name } : {}),
      'authorization.k8s.io/decision': isDenied ? 'forbid' : 'allow',
      'authorization.k8s.io/reason': isDenied ? '' : asked.path.startsWith('/api') ? DISCOVERY : caller.reason,
    },
  }
  return { time: end, text: JSON.stringify(value) }
}

const DISCOVERY =
  'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"'
const LEVELS: Readonly<Record<string, string>> = { subjectaccessreviews: 'Request', tokenreviews: 'RequestResponse' }
const FAILED: Readonly<Record<number, object>> = {
  403: { status: 'Failure', reason: 'Forbidden' },
  404: { status: 'Failure', reason: 'NotFound' },
}

interface Asked {
  readonly verb: string
  readonly path: string
  readonly resource: string
  readonly group: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
}

function parse(request: string, node: string, time: number, draw: Draw): Asked {
  const none = { path: '', resource: '', group: '', subresource: '', namespace: '', name: '' }
  if (request.startsWith('/')) return { ...none, verb: 'get', path: request }
  const [verb = '', what = '', where = ''] = request.split(' ')
  const [kind = '', subresource = ''] = what.split('/')
  const [resource = '', ...group] = kind.split('.')
  const [namespace = '', written = ''] = where.split('/')
  const isPod = resource === 'pods' && WORKLOADS[where] !== undefined
  const job = (day: number): string => `${BACKUP.name}-${dateOf(day).slice(5).replace('-', '')}`
  const name = isPod
    ? pick(podsOf(where, time), draw).name
    : written
        .replace('{tonight}', job(time))
        .replace('{last}', job(time - 24 * HOUR_MS))
        .replace('{node}', node)
  return { ...none, verb, resource, group: group.join('.'), subresource, namespace, name }
}

function uriOf(asked: Asked, manner: Manner): string {
  const { verb, path, resource, group, subresource, namespace, name } = asked
  if (path !== '') return path
  const isCollection = verb === 'list' || verb === 'watch' || (verb === 'create' && subresource === '')
  const parts = [
    group === '' ? '/api/v1' : `/apis/${group}/v1`,
    ...(namespace === '' ? [] : ['namespaces', namespace]),
    resource,
    ...(isCollection ? [] : [name]),
    ...(subresource === '' ? [] : [subresource]),
  ]
  const query = [
    ...(verb === 'list' ? ['limit=500'] : []),
    ...(verb === 'watch' && name !== '' ? [`fieldSelector=metadata.name%3D${name}`] : []),
    ...(verb === 'watch' ? ['allowWatchBookmarks=true', 'watch=true'] : []),
    ...(manner.dryRun ? ['dryRun=All'] : []),
    ...(verb === 'patch' ? ['fieldManager=kubectl'] : []),
    ...(subresource === 'exec' ? ['command=psql', 'container=postgres', 'stdin=true', 'stdout=true', 'tty=true'] : []),
  ]
  return `${parts.join('/')}${query.length === 0 ? '' : `?${query.join('&')}`}`
}

function refOf({ resource, group, subresource, namespace, name }: Asked): object {
  return {
    resource,
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { apiGroup: group }),
    apiVersion: 'v1',
    ...(subresource === '' ? {} : { subresource }),
  }
}

/** The kubelet of a node reviews who asks for its metrics. Whoever keeps such a log takes the token out. */
function bodies({ resource, group }: Asked, node: string): object {
  const { username, uid, groups } = accountOf('platform', 'metrics').user
  const apiVersion = `${group}/v1`
  if (resource === 'tokenreviews') {
    const review = { kind: 'TokenReview', apiVersion, metadata: {}, spec: {} }
    const status = { authenticated: true, user: { username, uid, groups } }
    return { requestObject: { ...review, status: { user: {} } }, responseObject: { ...review, status } }
  }
  const resourceAttributes = { verb: 'get', version: 'v1', resource: 'nodes', subresource: 'metrics', name: node }
  const spec = { resourceAttributes, user: username, groups, uid }
  return {
    requestObject: { kind: 'SubjectAccessReview', apiVersion, metadata: {}, spec, status: { allowed: false } },
  }
}
