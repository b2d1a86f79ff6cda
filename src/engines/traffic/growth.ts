import type { Because } from '../../cluster/because.ts'

/** How many pods there are of something, and how many there may come to be. */
export interface Growth {
  /** By the spec; undefined where nothing says. */
  readonly now: number | undefined
  /** `Infinity`: nothing caps it, and `because` says why. Undefined: what would tell is not in the input. */
  readonly most: number | undefined
  /** Of `most`, the pods that are there only while a rollout lasts. */
  readonly surge?: number
  /** Beyond `most`: the pods that a rollout adds while it lasts where an autoscaler sets the count. Its maximum is the bound. */
  readonly rollout?: number
  readonly because: readonly Because[]
}
