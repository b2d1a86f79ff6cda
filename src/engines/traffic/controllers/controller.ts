import type { Because } from '../../../cluster/because.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Product, Settings } from '../dialects/dialect.ts'
import type { Growth } from '../growth.ts'

/** A proxy of the cluster that passes requests from outside on, with all that decides how it counts clients. */
export interface Controller {
  readonly product: Product
  /** Undefined where only its class or its objects were seen: what its settings are is then unknown. */
  readonly workload: Workload | undefined
  /** Services that lead to it (LoadBalancer, NodePort, ClusterIP). */
  readonly services: readonly KubeObject[]
  readonly settings: Settings
  /** The object that holds its settings, for fixes. */
  readonly settingsObject: KubeObject | undefined
  /** `spec.controller` of IngressClasses and `spec.controllerName` of GatewayClasses that it serves. */
  readonly classes: readonly string[]
  readonly replicas: Growth
  readonly because: readonly Because[]
}
