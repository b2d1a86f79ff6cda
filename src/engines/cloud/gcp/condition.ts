import { CelError, compile, DYN, kubernetesEnv, Meter, Unknown, type Value } from '../../../cel/cel.ts'
import { Timestamp } from '../../../cel/run/timestamp.ts'
import { type Answer, answerOf } from '../aws/answer.ts'

/** What is known of a request when the condition of a binding is asked. */
export interface GcpRequest {
  /** `projects/_/buckets/B/objects/O`, as conditions have it; undefined: not known. */
  readonly name?: string
  /** `storage.googleapis.com/Bucket`. */
  readonly type?: string
  readonly service?: string
  /** Milliseconds since 1970. */
  readonly time?: number
  /** In conditions of policy bindings. */
  readonly principal?: GcpPrincipal
}

/** What bindings of principal access boundaries ask of somebody; what is undefined is not known. */
export interface GcpPrincipal {
  /** `iam.googleapis.com/ServiceAccount`. */
  readonly type?: string
  readonly subject?: string
}

const ENV = kubernetesEnv({
  minor: 36,
  variables: new Map([
    ['resource', DYN],
    ['request', DYN],
    ['destination', DYN],
    ['api', DYN],
    ['principal', DYN],
  ]),
})
/** What one condition may cost: those of Google Cloud hold at most twelve operators. */
const LIMIT = 10_000

/** Whether a condition holds; what is not known, or not part of the language that we have, is `maybe`. */
export function conditionHolds(expression: string, request: GcpRequest): Answer {
  const { program } = compile(expression, ENV)
  if (program === undefined) return 'maybe'
  const resource: Record<string, Value> = {}
  for (const key of ['name', 'type', 'service'] as const) {
    const value = request[key]
    if (value !== undefined) resource[key] = value
  }
  const at = request.time
  const time = at === undefined ? undefined : { time: new Timestamp(Math.floor(at / 1000), (at % 1000) * 1_000_000) }
  try {
    const value = program.outcome(
      [resource, time as Value | undefined, undefined, undefined, request.principal] as never,
      new Meter(LIMIT),
    )
    // A field that is not there is one that was not given.
    if (value instanceof CelError || value instanceof Unknown || typeof value !== 'boolean') return 'maybe'
    return answerOf(value)
  } catch {
    return 'maybe'
  }
}
