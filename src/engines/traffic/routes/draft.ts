import type { Because } from '../../../cluster/because.ts'
import type { Path } from '../../../cluster/json.ts'
import type { Truth } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Controller } from '../controllers/controller.ts'
import type { Backend } from './behind.ts'

/** A route as its object writes it, before anyone has said who reaches it and what limits it. */
export interface Draft {
  readonly object: KubeObject
  readonly host: string
  readonly path: string
  readonly match?: 'exact' | 'prefix' | 'regex'
  /** What else requests must have (`GET`, a header), to tell routes of one path apart. */
  readonly only?: string
  readonly protocol: 'http' | 'tcp' | 'udp'
  /** Those that get requests. */
  readonly backends: readonly Backend[]
  /** Of a route without a Service: what it leads to. */
  readonly workloads?: readonly string[]
  readonly controller: Controller | undefined
  /** Whether what carries it faces the internet; `no`: it is left out. */
  readonly faces: Truth
  /** Who reaches it is not for the network engine to say: it does not read this kind, or not so far. */
  readonly beyond?: true
  /** Why nobody can know whether it faces the internet or who serves it. */
  readonly missing?: string
  /** Objects that limit it, each with the parts of it that are about this route; without parts all of it is. */
  readonly places: readonly Place[]
  /** Gateways of the Gateway API that it hangs on. */
  readonly parents: readonly Parent[]
  /** The rule of `object` that makes it. */
  readonly rule: Path
  readonly because: readonly Because[]
}

export interface Place {
  readonly object: KubeObject
  readonly within?: readonly Path[]
}

export interface Parent {
  readonly gateway: KubeObject
  /** Names of the listeners that carry it. */
  readonly sections: readonly string[]
}
