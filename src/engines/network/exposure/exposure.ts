import type { Because } from '../../../cluster/because.ts'
import type { Truth } from '../../../cluster/labels.ts'
import type { NetworkModel } from '../model.ts'
import type { PortSet } from '../ports.ts'

export type ExposureKind =
  | 'exposed-load-balancer'
  | 'exposed-node-port'
  | 'exposed-external-ip'
  | 'exposed-host-port'
  | 'exposed-host-network'
  | 'exposed-ingress'
  | 'exposed-gateway'
  | 'exposed-route'

/** One way from the internet to a workload. */
export interface Exposure {
  readonly kind: ExposureKind
  readonly workload: string
  /** Ports of the pod. */
  readonly ports: PortSet
  readonly truth: Exclude<Truth, 'no'>
  /** The object that opens it, by id. */
  readonly rule: string
  readonly because: readonly Because[]
}

export interface ExposureInput {
  readonly model: NetworkModel
  /** The ways in found before: they tell whether a proxy is itself reached. */
  readonly found: readonly Exposure[]
}
