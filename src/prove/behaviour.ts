import type { Seen } from '../engines/seen.ts'
import type { End } from '../history/history.ts'

/** `own-node`: the node that the pod runs on, from and to which traffic is always allowed. */
export type NodeEnd = 'own-node' | 'other-node' | 'some-node' | ''

export interface ConnectionBehaviour extends Seen {
  readonly source: End
  readonly destination: End
  /** Where one end is a node: which. */
  readonly node: NodeEnd
  /** Between two pods of one workload: a pod always reaches itself, and not always another. */
  readonly samePod: boolean
  readonly protocol: string
  /** 0 where it may be the client's. */
  readonly port: number
  /** False where the record does not tell the client from the server. */
  readonly told: boolean
  /** A connection of untold verdict was seen and counts as made. */
  readonly used: boolean
}

export function formatEnd(end: End): string {
  switch (end.kind) {
    case 'workload':
      return end.workload
    case 'address':
      return end.address
    case 'node':
      return `node ${end.name}`
    case 'api-server':
      return 'the API server'
    case 'unresolved':
      return end.address === '' ? `an unresolved peer (${end.why})` : `${end.address} (unresolved: ${end.why})`
    default:
      return end satisfies never
  }
}

export function formatConnection({ source, destination, protocol, port }: ConnectionBehaviour): string {
  return `${formatEnd(source)} to ${formatEnd(destination)} ${protocol} ${port}`
}
