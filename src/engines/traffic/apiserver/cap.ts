import type { JsonObject } from '../../../cluster/json.ts'
import type { Subject } from '../../../cluster/rbac.ts'
import type { FlowControl } from './flow-control.ts'
import { classify } from './flow-control.ts'
import type { FlowRequest } from './flow-request.ts'
import type { FlowSchema } from './flow-schema.ts'
import { matchesSubject } from './matches.ts'
import type { PriorityLevel, Queuing } from './priority-level.ts'
import { type Seats, seatsOf } from './seats.ts'

/** One queue, in which 50 may wait: what the flood of one identity fills, nobody else waits in. */
const QUEUING: Queuing = { queues: 1, handSize: 1, queueLengthLimit: 50 }
const PRECEDENCE = 8000
/** Where nothing is known but its flood: the least that is not nothing. */
export const DEFAULT_SHARES = 1

export interface CapOptions {
  readonly subject: Subject
  readonly user: string
  readonly groups: readonly string[]
  /** What it was seen to ask for; empty where nothing was recorded. */
  readonly kinds: readonly FlowRequest[]
  readonly control: FlowControl
  readonly serverSeats: number
  readonly minor: number
  readonly shares: number
}

/** Two objects that give one identity seats of its own, and no more. */
export interface Cap {
  readonly name: string
  readonly precedence: number
  readonly shares: number
  readonly seats: Seats
  readonly queuing: Queuing
  readonly schema: JsonObject
  readonly level: JsonObject
  /** Every level, before and after: shares of one are taken from all. */
  readonly levels: readonly { readonly name: string; readonly before: number; readonly after: number }[]
  /** The FlowSchemas that take its requests today. */
  readonly today: readonly FlowSchema[]
  /** Kinds of recorded requests that are exempt, and stay so. */
  readonly exempt: number
  /** Kinds that are exempt today by a FlowSchema that comes after this one must: they are capped, too. */
  readonly noLongerExempt: number
}

/** Undefined where no FlowSchema can come before those that take its requests, as of `system:masters`. */
export function capOf(options: CapOptions): Cap | undefined {
  const { subject, control, serverSeats, minor, shares } = options
  const asked = options.kinds.map((kind) => classify(control, kind))
  const isKnown = asked.length > 0
  const candidates = isKnown
    ? asked.filter(({ level }) => !level.exempt).map(({ schema }) => schema)
    : control.schemas.filter(
        ({ rules, level }) =>
          control.levels.get(level)?.exempt === false &&
          rules.some(({ subjects }) => subjects.some((each) => matchesSubject(options, each))),
      )
  const today = [...new Set(candidates)].toSorted((a, b) => a.precedence - b.precedence)
  const first = today[0]?.precedence ?? (isKnown ? undefined : PRECEDENCE + 1)
  if (first === undefined || first <= 1) return undefined
  const precedence = Math.min(PRECEDENCE, first - 1)
  const name = nameOf(subject, control)
  const made: PriorityLevel = {
    name,
    exempt: false,
    shares,
    lendablePercent: 100,
    borrowingLimitPercent: 0,
    queuing: QUEUING,
  }
  const before = seatsOf(control.levels.values(), serverSeats)
  const after = seatsOf([...control.levels.values(), made], serverSeats)
  const exempt = asked.filter(({ level }) => level.exempt)
  const noLonger = exempt.filter(
    ({ schema }) => schema.precedence > precedence || (schema.precedence === precedence && schema.name > name),
  )
  const apiVersion = `flowcontrol.apiserver.k8s.io/${minor >= 29 ? 'v1' : 'v1beta3'}`
  return {
    name,
    precedence,
    shares,
    seats: after.get(name) as Seats,
    queuing: QUEUING,
    level: {
      apiVersion,
      kind: 'PriorityLevelConfiguration',
      metadata: { name },
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: shares,
          lendablePercent: 100,
          borrowingLimitPercent: 0,
          limitResponse: { type: 'Queue', queuing: { ...QUEUING } },
        },
      },
    },
    schema: {
      apiVersion,
      kind: 'FlowSchema',
      metadata: { name },
      spec: {
        matchingPrecedence: precedence,
        priorityLevelConfiguration: { name },
        distinguisherMethod: { type: 'ByUser' },
        rules: [
          {
            subjects: [memberOf(subject)],
            resourceRules: [
              { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] },
            ],
            nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
          },
        ],
      },
    },
    levels: [...before].map(([level, { nominal }]) => ({
      name: level,
      before: nominal,
      after: (after.get(level) as Seats).nominal,
    })),
    today,
    exempt: exempt.length - noLonger.length,
    noLongerExempt: noLonger.length,
  }
}

/** The fewest shares that give at least so many seats. */
export function sharesFor(seats: number, control: FlowControl, serverSeats: number): number {
  const sum = [...control.levels.values()].reduce((shares, level) => shares + level.shares, 0)
  if (seats >= serverSeats) return Number.POSITIVE_INFINITY
  // ceil(server × n / (sum + n)) ≥ seats, as soon as server × n / (sum + n) > seats − 1.
  let shares = Math.max(1, Math.floor(((seats - 1) * sum) / (serverSeats - seats + 1)) - 1)
  while (Math.ceil((serverSeats * shares) / (sum + shares)) < seats) shares++
  return shares
}

function memberOf({ kind, namespace, name }: Subject): JsonObject {
  if (kind === 'ServiceAccount') return { kind, serviceAccount: { namespace, name } }
  return kind === 'Group' ? { kind, group: { name } } : { kind: 'User', user: { name } }
}

/** A DNS name; where the subject’s own is none, or is taken, with a number made of it. */
function nameOf({ kind, namespace, name }: Subject, { schemas, levels }: FlowControl): string {
  const plain = `cap-${kind === 'ServiceAccount' ? `${namespace}-` : ''}${name}`
  const safe = plain
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/-+$/, '')
  const isTaken = (text: string): boolean => levels.has(text) || schemas.some((each) => each.name === text)
  if (safe === plain && !isTaken(safe)) return safe
  for (let turn = 0; ; turn++) {
    const made = `${safe}-${hashOf(`${kind}/${namespace}/${name}/${turn}`)}`
    if (!isTaken(made)) return made
  }
}

/** FNV-1a. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
