import { type AuditJson, FIRST, SPAN_MS } from '../events.ts'
import { hex, type Identity, pick, type World } from '../world.ts'
import { request, times, type What, type Who } from './request.ts'

/** What was planted, and must be found. */
export interface Truth {
  readonly rule: string
  /** As people write it: `user:NAME`, `sa:NAMESPACE/NAME`. */
  readonly subject: string
  /** Forms of the log that can show it. */
  readonly forms: readonly ('v1' | 'eks' | 'gke' | 'aks')[]
}

export interface Planted {
  readonly truth: readonly Truth[]
  readonly events: readonly AuditJson[]
  /** A directory as CSV. */
  readonly directory: string
  /** Users that are bound beside those of the world, and do nothing. */
  readonly sleepers: readonly string[]
}

type Draw = () => number
const ALL = ['v1', 'eks', 'gke', 'aks'] as const
const FULL = ['v1', 'eks', 'aks'] as const
const DAY = 86_400_000
const HOUR = 3_600_000
const MINUTE = 60_000

/** One of each, by identities that are drawn; days are those of the log. */
export function incidents(world: World, draw: Draw): Planted {
  const people = shuffled(
    world.identities.filter(({ kind }) => kind === 'person'),
    draw,
  )
  const apps = shuffled(
    world.identities.filter(({ kind }) => kind === 'app'),
    draw,
  )
  const person = (): Identity => people.pop() as Identity
  const app = (): Identity => apps.pop() as Identity
  const leaver = person()
  const made = [
    sharedForged(person(), draw),
    sharedSlow(person(), draw),
    session(draw),
    stolen(app(), draw, 'curl/8.7.1'),
    stolen(app(), draw, undefined),
    departed(leaver, draw),
    sweep(app(), world, draw),
    sweep(person(), world, draw),
    impersonation(person(), draw),
    reconnaissance(person(), world, draw),
    reconnaissance(app(), world, draw),
  ]
  return {
    truth: [
      ...made.map(({ truth }) => truth),
      { rule: 'dormant-subject', subject: 'user:oidc:sleeper@example.com', forms: ALL },
    ],
    events: made.flatMap(({ events }) => events),
    directory: `user,status,last day\n${leaver.user},left,${new Date(FIRST + 6 * DAY).toISOString().slice(0, 10)}\n${people.map(({ user }) => `${user},active,\n`).join('')}`,
    sleepers: ['oidc:sleeper@example.com'],
  }
}

interface Made {
  readonly truth: Truth
  readonly events: readonly AuditJson[]
}

/** One certificate at home and abroad, whose user says the same of its machine. */
function sharedForged(of: Identity, draw: Draw): Made {
  const start = FIRST + (2 + Math.floor(draw() * 8)) * DAY + 9 * HOUR
  const own = whoOf(of)
  const other = { ...own, source: `203.0.113.${1 + Math.floor(draw() * 250)}` }
  const at = times(start, start + 2 * HOUR, 40, draw)
  return {
    truth: { rule: 'shared-credential', subject: `user:${of.user}`, forms: ALL },
    events: at.map((time, index) => request(index % 2 === 0 ? own : other, listPods(of), time, draw)),
  }
}

/** Three people in three places, by different clients, each now and then. */
function sharedSlow(of: Identity, draw: Draw): Made {
  const own = whoOf(of)
  const places = [
    own,
    { ...own, source: '192.0.2.77', agent: 'k9s/v0.50.1 (linux/amd64) kubernetes/$Format' },
    { ...own, source: '203.0.113.9', agent: 'Lens/6.10 (windows/amd64)' },
  ]
  const events = Array.from({ length: 5 }, (_, day) => FIRST + (3 + day) * DAY + 10 * HOUR).flatMap((start) =>
    times(start, start + 5 * HOUR, 45, draw).map((time) => request(pick(places, draw), listPods(of), time, draw)),
  )
  return { truth: { rule: 'shared-credential', subject: `user:${of.user}`, forms: ALL }, events }
}

/** A role of AWS that several people take on, without a name of their own. */
function session(draw: Draw): Made {
  const events = ['ann@example.com', 'ben@example.com'].flatMap((name, index) => {
    const who: Who = {
      user: 'platform-admin',
      groups: ['platform', 'system:authenticated'],
      source: '198.51.100.9',
      agent: 'kubectl/v1.35.1 (darwin/arm64) kubernetes/1234567',
      extra: {
        sessionName: [name],
        accessKeyId: [`ASIA${hex(draw).toUpperCase()}`],
        arn: [`arn:aws:sts::111122223333:assumed-role/Admin/${name}`],
      },
    }
    const start = FIRST + (2 + 3 * index) * DAY
    return times(start, start + 4 * HOUR, 12, draw).map((time) =>
      request(who, { verb: 'list', resource: 'pods', namespace: 'team-1' }, time, draw),
    )
  })
  return { truth: { rule: 'shared-credential', subject: 'user:platform-admin', forms: FULL }, events }
}

/** The token of a pod, from where the pod is not. */
function stolen(of: Identity, draw: Draw, agent: string | undefined): Made {
  const start = FIRST + (4 + Math.floor(draw() * 7)) * DAY + 2 * HOUR
  const own = whoOf(of, start)
  const thief = {
    ...own,
    source: `203.0.113.${1 + Math.floor(draw() * 250)}`,
    ...(agent === undefined ? {} : { agent }),
  }
  const what: What = { verb: 'list', resource: 'configmaps', namespace: of.namespace }
  return {
    truth: { rule: 'stolen-token', subject: subjectOf(of), forms: ALL },
    events: [
      // The pod goes on as it did.
      ...times(FIRST + HOUR, FIRST + SPAN_MS - HOUR, 60, draw).map((time) =>
        request(whoOf(of, time), what, time, draw),
      ),
      ...times(start, start + 20 * MINUTE, 15, draw).map((time) => request(thief, what, time, draw)),
    ],
  }
}

function departed(of: Identity, draw: Draw): Made {
  const start = FIRST + 9 * DAY
  return {
    truth: { rule: 'departed', subject: `user:${of.user}`, forms: ALL },
    events: times(start, start + 2 * DAY, 6, draw).map((time) => request(whoOf(of), listPods(of), time, draw)),
  }
}

/** Many Secrets in minutes, some in other namespaces, by somebody who reads few. */
function sweep(of: Identity, world: World, draw: Draw): Made {
  const start = FIRST + (3 + Math.floor(draw() * 9)) * DAY + 3 * HOUR
  const at = times(start, start + 5 * MINUTE, 30, draw)
  return {
    truth: { rule: 'secret-sweep', subject: subjectOf(of), forms: ALL },
    events: [
      // A past, so that the forms that leave out who reads little show one.
      ...times(FIRST + HOUR, FIRST + SPAN_MS - HOUR, 20, draw).map((time) =>
        request(whoOf(of, time), { verb: 'list', resource: 'pods', namespace: of.namespace }, time, draw),
      ),
      ...at.map((time, index) =>
        request(
          whoOf(of, time),
          { verb: 'get', resource: 'secrets', namespace: pick(world.namespaces, draw), name: `credentials-${index}` },
          time,
          draw,
        ),
      ),
    ],
  }
}

function impersonation(of: Identity, draw: Draw): Made {
  const start = FIRST + 8 * DAY + 11 * HOUR
  const own = whoOf(of)
  return {
    truth: { rule: 'impersonation', subject: `user:${of.user}`, forms: ALL },
    events: [
      ...times(FIRST + HOUR, start - HOUR, 40, draw).map((time) => request(own, listPods(of), time, draw)),
      ...times(start, start + 10 * MINUTE, 6, draw).map((time) =>
        request(
          { ...own, as: { user: 'root', groups: ['system:masters'] } },
          { verb: 'get', resource: 'nodes', name: 'node-1' },
          time,
          draw,
        ),
      ),
    ],
  }
}

const LOOKED_FOR = [
  'secrets',
  'nodes',
  'namespaces',
  'configmaps',
  'serviceaccounts',
  'persistentvolumes',
  'services',
  'pods',
]

/** What may I: by the API’s own question, and by being refused. */
function reconnaissance(of: Identity, world: World, draw: Draw): Made {
  const start = FIRST + (3 + Math.floor(draw() * 9)) * DAY + 4 * HOUR
  const at = times(start, start + 6 * MINUTE, 40, draw)
  return {
    truth: { rule: 'reconnaissance', subject: subjectOf(of), forms: ALL },
    events: [
      ...times(FIRST + HOUR, FIRST + SPAN_MS - HOUR, 20, draw).map((time) =>
        request(whoOf(of, time), { verb: 'list', resource: 'pods', namespace: of.namespace }, time, draw),
      ),
      ...at.map((time, index) =>
        index % 10 === 0
          ? request(
              whoOf(of, time),
              { verb: 'create', resource: 'selfsubjectrulesreviews', group: 'authorization.k8s.io' },
              time,
              draw,
            )
          : request(
              whoOf(of, time),
              {
                verb: 'list',
                resource: LOOKED_FOR[index % LOOKED_FOR.length] as string,
                namespace: pick(world.namespaces, draw),
                denied: true,
              },
              time,
              draw,
            ),
      ),
    ],
  }
}

function listPods({ namespace }: Identity): What {
  return { verb: 'list', resource: 'pods', namespace }
}

/** An identity as it asks; a service account’s token is that of the time. */
export function whoOf(of: Identity, time = FIRST): Who {
  const { user, groups, credentials, pod, source, agent } = of
  return {
    user,
    groups,
    credential: credentials[Math.floor(time / (50 * MINUTE)) % credentials.length] as string,
    ...(pod ? { pod } : {}),
    source,
    agent,
  }
}

export function subjectOf({ user }: { readonly user: string }): string {
  const account = /^system:serviceaccount:([^:]+):(.+)$/.exec(user)
  return account ? `sa:${account[1]}/${account[2]}` : `user:${user}`
}

function shuffled<T>(all: readonly T[], draw: Draw): T[] {
  return all
    .map((each) => ({ each, at: draw() }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each)
}
