import { type AuditJson, stamp } from '../events.ts'
import { uuid } from '../world.ts'

/** Who asks, as the log has it. */
export interface Who {
  readonly user: string
  readonly groups: readonly string[]
  readonly credential?: string
  readonly pod?: { readonly name: string; readonly uid: string; readonly node: string }
  readonly source: string
  readonly agent: string
  /** Of EKS: sessionName, accessKeyId. */
  readonly extra?: Readonly<Record<string, readonly string[]>>
  readonly as?: { readonly user: string; readonly groups: readonly string[] }
  readonly reason?: string
}

/** What is asked for. */
export interface What {
  readonly verb: string
  readonly resource: string
  readonly group?: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  readonly code?: number
  readonly denied?: boolean
}

const K = 'authentication.kubernetes.io/'

export function request(who: Who, what: What, time: number, draw: () => number): AuditJson {
  const { verb, resource, group = '', subresource = '', namespace = '', name = '', denied = false } = what
  const base = group === '' ? '/api/v1' : `/apis/${group}/v1`
  const path = `${base}${namespace === '' ? '' : `/namespaces/${namespace}`}/${resource}${name === '' ? '' : `/${name}`}${subresource === '' ? '' : `/${subresource}`}`
  const code = denied ? 403 : (what.code ?? (verb === 'create' ? 201 : 200))
  const { pod, credential } = who
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: uuid(draw),
    stage: 'ResponseComplete',
    requestURI: path,
    verb,
    user: {
      username: who.user,
      groups: who.groups,
      extra: {
        ...(credential === undefined ? {} : { [`${K}credential-id`]: [credential] }),
        ...(pod ? { [`${K}node-name`]: [pod.node], [`${K}pod-name`]: [pod.name], [`${K}pod-uid`]: [pod.uid] } : {}),
        ...who.extra,
      },
    },
    ...(who.as ? { impersonatedUser: { username: who.as.user, groups: who.as.groups } } : {}),
    sourceIPs: [who.source],
    userAgent: who.agent,
    objectRef: {
      resource,
      ...(namespace === '' ? {} : { namespace }),
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { apiGroup: group }),
      apiVersion: 'v1',
      ...(subresource === '' ? {} : { subresource }),
    },
    responseStatus: { metadata: {}, code },
    requestReceivedTimestamp: stamp(time, Math.floor(draw() * 1000)),
    stageTimestamp: stamp(time + 5, Math.floor(draw() * 1000)),
    annotations: {
      'authorization.k8s.io/decision': denied ? 'forbid' : 'allow',
      'authorization.k8s.io/reason': denied ? '' : (who.reason ?? ''),
    },
  }
}

/** The times of a habit: so many, about evenly between two times. */
export function times(from: number, to: number, count: number, draw: () => number): readonly number[] {
  return Array.from({ length: count }, (_, at) => Math.floor(from + ((to - from) * (at + 0.2 + 0.6 * draw())) / count))
}
