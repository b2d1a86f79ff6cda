import { CostExceeded } from '../error.ts'

/** Counts what evaluations cost, in cel-go's units, and ends the one that goes over the limit. */
export class Meter {
  /** Spent so far. More than `limit` once `CostExceeded` was thrown. */
  cost = 0
  /** Whether a condition was evaluated that another one guards (plan/guarded.ts), since this was last set to false. */
  passedGuard = false
  readonly limit: number

  /** `limit`: k8s.io/apiserver pkg/apis/cel/config.go PerCallLimit for one expression of a policy. */
  constructor(limit = 1_000_000) {
    this.limit = limit
  }

  /** Adds to the cost; throws `CostExceeded`. */
  charge(amount: number): void {
    this.cost += amount
    if (this.cost > this.limit) throw new CostExceeded(this.limit)
  }

  /** Adds steps of 1 each: one step beyond the limit ends them, as it would if they were added one by one. */
  chargeSteps(count: number): void {
    this.cost += count
    if (this.cost > this.limit) {
      this.cost = this.limit + 1
      throw new CostExceeded(this.limit)
    }
  }
}
