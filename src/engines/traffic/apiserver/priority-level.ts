import { at, field, isObject, type Json, number, string } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'

/** A PriorityLevelConfiguration (flowcontrol.apiserver.k8s.io): how many requests are served at once. */
export interface PriorityLevel {
  readonly name: string
  readonly exempt: boolean
  readonly shares: number
  /** Of its seats, what may be lent to other levels. */
  readonly lendablePercent: number
  /** Of its seats, what it may borrow at most; undefined is without a limit. */
  readonly borrowingLimitPercent: number | undefined
  /** Undefined: what finds no seat is refused. */
  readonly queuing: Queuing | undefined
  /** Absent for one that every API server makes for itself. */
  readonly object?: KubeObject
}

export interface Queuing {
  readonly queues: number
  readonly handSize: number
  readonly queueLengthLimit: number
}

/** pkg/apis/flowcontrol/v1/defaults.go and v1beta3. */
const DEFAULT_SHARES = 30
const DEFAULT_QUEUING: Queuing = { queues: 64, handSize: 8, queueLengthLimit: 50 }
const KEEPS_ZERO = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares'
/** util/shufflesharding/dealer.go. */
const MOST_BITS = 60
const MOST_QUEUES = 1 << 26

/** Undefined for a spec that the API server does not take into use (apf_controller.go: queueSetCompleterForPL). */
export function priorityLevelOf(name: string, spec: Json | undefined, object?: KubeObject): PriorityLevel | undefined {
  const type = string(field(spec, 'type'))
  const limited = field(spec, 'limited')
  const exempt = field(spec, 'exempt')
  const made = object ? { object } : {}
  if ((type === 'Exempt') !== (name === 'exempt')) return undefined
  if (type === 'Exempt')
    return {
      name,
      exempt: true,
      shares: number(field(exempt, 'nominalConcurrencyShares')) ?? 0,
      lendablePercent: number(field(exempt, 'lendablePercent')) ?? 0,
      borrowingLimitPercent: undefined,
      queuing: undefined,
      ...made,
    }
  if (type !== 'Limited' || !isObject(limited) || isObject(exempt)) return undefined
  const response = string(at(limited, 'limitResponse', 'type'))
  const asked = at(limited, 'limitResponse', 'queuing')
  if (response === 'Reject' ? isObject(asked) : response !== 'Queue') return undefined
  const queuing = response === 'Queue' ? queuingOf(asked) : undefined
  if (queuing && !isDealt(queuing)) return undefined
  return {
    name,
    exempt: false,
    shares: sharesOf(limited, object),
    lendablePercent: number(field(limited, 'lendablePercent')) ?? 0,
    borrowingLimitPercent: number(field(limited, 'borrowingLimitPercent')),
    queuing,
    ...made,
  }
}

/** Zero shares are a default in the betas, and a level without seats in v1. */
function sharesOf(limited: Json, object: KubeObject | undefined): number {
  const shares =
    number(field(limited, 'nominalConcurrencyShares')) ?? number(field(limited, 'assuredConcurrencyShares'))
  if (shares !== 0) return shares ?? DEFAULT_SHARES
  const keeps = object?.version === 'v1beta3' && at(object.body, 'metadata', 'annotations', KEEPS_ZERO) !== undefined
  return object === undefined || object.version === 'v1' || keeps ? 0 : DEFAULT_SHARES
}

function queuingOf(asked: Json | undefined): Queuing {
  return {
    queues: number(field(asked, 'queues')) || DEFAULT_QUEUING.queues,
    handSize: number(field(asked, 'handSize')) || DEFAULT_QUEUING.handSize,
    queueLengthLimit: number(field(asked, 'queueLengthLimit')) || DEFAULT_QUEUING.queueLengthLimit,
  }
}

function isDealt({ queues, handSize }: Queuing): boolean {
  if (queues <= 0 || handSize <= 0 || handSize > queues || queues > MOST_QUEUES) return false
  return Math.ceil(Math.log2(queues) * handSize) <= MOST_BITS
}
