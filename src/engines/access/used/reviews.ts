import type { Access } from '../../../history/history.ts'
import { count, type Samples, type Tally } from '../../seen.ts'

/** Reviews whose bodies were not recorded: someone's rights, or someone's token, were asked about, and it is not known whose. */
export interface SilentReviews {
  readonly access: Tally | undefined
  /** Those that neither a node nor the control plane made: by kube-rbac-proxy and the like, of any right. */
  readonly ofAny: Tally | undefined
  readonly token: Tally | undefined
}

/** Who asks about rights on nodes or of its own clients only: kubelets and the control plane. */
const ASKED_OF_NODES = /^(system:node:.+|kubelet|system:kube-.+|system:apiserver)$/

export function isReview({ group, resource }: Access): boolean {
  return group === 'authorization.k8s.io'
    ? resource === 'subjectaccessreviews' || resource === 'localsubjectaccessreviews'
    : group === 'authentication.k8s.io' && resource === 'tokenreviews'
}

export class OpenReviews implements SilentReviews {
  access: Tally | undefined
  ofAny: Tally | undefined
  token: Tally | undefined
  readonly #samples: Samples

  constructor(samples: Samples) {
    this.#samples = samples
  }

  add(review: Access): void {
    if (review.resource === 'tokenreviews') {
      this.token = this.#again(this.token, review)
      return
    }
    this.access = this.#again(this.access, review)
    if (!ASKED_OF_NODES.test(review.user)) this.ofAny = this.#again(this.ofAny, review)
  }

  #again(tally: Tally | undefined, review: Access): Tally {
    if (!tally) return this.#samples.tally(review)
    count(tally, review.time)
    return tally
  }
}
