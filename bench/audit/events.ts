import { random } from '../generate.ts'
import { type Habit, type Identity, pick, uuid, type World, worldOf } from './world.ts'

/** An event as the API server writes it (audit.k8s.io/v1), level Metadata. */
export interface AuditJson {
  readonly kind: 'Event'
  readonly apiVersion: 'audit.k8s.io/v1'
  readonly level: string
  readonly auditID: string
  readonly stage: 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic'
  readonly requestURI: string
  readonly verb: string
  readonly user: UserJson
  readonly impersonatedUser?: UserJson
  readonly sourceIPs: readonly string[]
  readonly userAgent: string
  readonly objectRef?: Readonly<Record<string, string>>
  readonly responseStatus?: Readonly<Record<string, unknown>>
  readonly requestObject?: unknown
  readonly responseObject?: unknown
  readonly requestReceivedTimestamp: string
  readonly stageTimestamp: string
  readonly annotations?: Readonly<Record<string, string>>
}

export interface UserJson {
  readonly username: string
  readonly uid?: string
  readonly groups?: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

export const FIRST = Date.parse('2026-11-02T00:00:00Z')
export const SPAN_MS = 14 * 86_400_000
const REFUSED = 0.01
/** Tokens of service accounts are renewed before they end. */
const TOKEN_MS = 50 * 60_000
const WATCH_MS = 400_000

/** `count` events of a thousand identities over fourteen days, in the order in which they were written, by seed. */
export function* events(seed: number, count: number, world: World = worldOf(seed)): Generator<AuditJson> {
  const draw = random(seed + 1)
  const choose = chooserOf(world.identities, draw)
  const habits = new Map(world.identities.map((each) => [each, weighted(each.habits, draw)]))
  const ended: { readonly at: number; readonly event: AuditJson }[] = []
  let begun = 0
  for (let index = 0; index < count; index++) {
    const time = FIRST + Math.floor((index / count) * SPAN_MS)
    // Watches that have ended by now; they were begun in this order, and all last about as long.
    while (begun < ended.length && (ended[begun] as { at: number }).at <= time) {
      yield (ended[begun++] as { event: AuditJson }).event
      if (++index >= count) return
    }
    if (begun > 1000) ended.splice(0, begun)
    if (begun > 1000) begun = 0
    const identity = choose()
    const isRefused = draw() < REFUSED
    const habit = isRefused ? pick(identity.refused, draw) : (habits.get(identity) as () => Habit)()
    const event = eventOf(identity, habit, isRefused, time, draw)
    if (habit.verb !== 'watch' || isRefused) {
      yield event
      continue
    }
    const end = time + WATCH_MS
    ended.push({ at: end, event: { ...event, stageTimestamp: stamp(end, 456) } })
    yield { ...event, stage: 'ResponseStarted' }
  }
}

/** Two logs as one, in the order in which their events were written. */
export function* merged(a: Iterable<AuditJson>, b: Iterable<AuditJson>): Generator<AuditJson> {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()]
  let [one, other] = [left.next(), right.next()]
  while (!one.done || !other.done) {
    if (other.done || (!one.done && one.value.stageTimestamp <= other.value.stageTimestamp)) {
      yield one.value as AuditJson
      one = left.next()
    } else {
      yield other.value
      other = right.next()
    }
  }
}

/** One request of this identity: what `events` is made of, for whoever plants others beside it. */
export function eventOf(
  identity: Identity,
  habit: Habit,
  isRefused: boolean,
  time: number,
  draw: () => number,
): AuditJson {
  const { resource, subresource, namespace, group, version, verb } = habit
  const name = habit.names.length > 0 ? pick(habit.names, draw) : ''
  const isCollection = verb === 'list' || verb === 'watch'
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const place = `${base}${namespace === '' ? '' : `/namespaces/${namespace}`}/${resource}`
  const isNamed = name !== '' && !isCollection && (verb !== 'create' || subresource !== '')
  const selector = habit.query.endsWith('%3D') ? `${habit.query}${name}&` : habit.query === '' ? '' : `${habit.query}&`
  const query =
    verb === 'watch'
      ? `?allowWatchBookmarks=true&${selector}resourceVersion=${Math.floor(draw() * 1e8)}&timeout=6m40s&timeoutSeconds=400&watch=true`
      : verb === 'list'
        ? `?${selector}limit=500`
        : verb === 'patch'
          ? '?fieldManager=kubectl-client-side-apply'
          : ''
  const requestURI =
    resource === ''
      ? `${habit.path}?timeout=32s`
      : `${place}${isNamed ? `/${name}` : ''}${subresource === '' ? '' : `/${subresource}`}${query}`
  const code = isRefused ? 403 : subresource === 'exec' ? 101 : verb === 'create' ? 201 : 200
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: uuid(draw),
    stage: 'ResponseComplete',
    requestURI,
    verb,
    user: userOf(identity, time),
    sourceIPs: [identity.source],
    userAgent: identity.agent,
    ...(resource === ''
      ? {}
      : {
          objectRef: {
            resource,
            ...(namespace === '' ? {} : { namespace }),
            ...(name === '' ? {} : { name }),
            ...(verb === 'update' ? { uid: uuid(draw) } : {}),
            ...(group === '' ? {} : { apiGroup: group }),
            apiVersion: version,
            ...(verb === 'update' ? { resourceVersion: String(Math.floor(draw() * 1e8)) } : {}),
            ...(subresource === '' ? {} : { subresource }),
          },
        }),
    responseStatus: isRefused
      ? {
          metadata: {},
          status: 'Failure',
          message: `${resource} is forbidden: User "${identity.user}" cannot ${verb} resource "${resource}" in API group "${group}" in the namespace "${namespace}"`,
          reason: 'Forbidden',
          details: { kind: resource },
          code,
        }
      : { metadata: {}, code },
    requestReceivedTimestamp: stamp(time, Math.floor(draw() * 1000)),
    stageTimestamp: stamp(time + 3 + Math.floor(draw() * 20), Math.floor(draw() * 1000)),
    annotations: isRefused
      ? { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' }
      : { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': reasonOf(identity) },
  }
}

/** Discovery is everyone’s; nodes are allowed by their own authorizer, which gives no reason. */
export function reasonOf({ kind, user, groups, namespace, binding }: Identity): string {
  if (kind === 'node') return ''
  const [, , home, account] = user.split(':')
  const subject = kind === 'person' ? `Group "${groups[0]}"` : `ServiceAccount "${account}/${home}"`
  const role = binding.kind === 'RoleBinding' ? `Role "${binding.role}"` : `ClusterRole "${binding.role}"`
  const name = binding.kind === 'RoleBinding' ? `${binding.name}/${namespace}` : binding.name
  return `RBAC: allowed by ${binding.kind} "${name}" of ${role} to ${subject}`
}

const users = new WeakMap<Identity, Map<string, UserJson>>()

function userOf(identity: Identity, time: number): UserJson {
  const { user, uid, groups, credentials, pod } = identity
  const credential = credentials[Math.floor(time / TOKEN_MS) % credentials.length] as string
  let known = users.get(identity)
  if (!known) {
    known = new Map()
    users.set(identity, known)
  }
  let made = known.get(credential)
  if (!made) {
    made = {
      username: user,
      ...(uid === '' ? {} : { uid }),
      groups,
      extra: {
        'authentication.kubernetes.io/credential-id': [credential],
        ...(pod
          ? {
              'authentication.kubernetes.io/node-name': [pod.node],
              'authentication.kubernetes.io/node-uid': [pod.nodeUid],
              'authentication.kubernetes.io/pod-name': [pod.name],
              'authentication.kubernetes.io/pod-uid': [pod.uid],
            }
          : {}),
      },
    }
    known.set(credential, made)
  }
  return made
}

function chooserOf(identities: readonly Identity[], draw: () => number): () => Identity {
  const next = weighted(
    identities.map((identity) => ({ weight: identity.share, identity })),
    draw,
  )
  return () => next().identity
}

function weighted<T extends { readonly weight: number }>(all: readonly T[], draw: () => number): () => T {
  const sums: number[] = []
  let sum = 0
  for (const { weight } of all) {
    sum += weight
    sums.push(sum)
  }
  return () => {
    const wanted = draw() * sum
    let [low, high] = [0, sums.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] as number) > wanted) high = middle
      else low = middle + 1
    }
    return all[low] as T
  }
}

/** To microseconds, as the API server writes. */
export function stamp(time: number, micros: number): string {
  return `${new Date(time).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`
}
