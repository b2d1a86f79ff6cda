import type { PriorityLevel } from './priority-level.ts'

/** `--max-requests-inflight` and `--max-mutating-requests-inflight` of kube-apiserver, together. */
export const SERVER_SEATS = 600

export interface Seats {
  readonly nominal: number
  /** What it keeps when it lends all that it may. */
  readonly lower: number
  /** What it has when it borrows all that it may. */
  readonly upper: number
  /** What one request takes at most; 0 where the level sets no such bound. */
  readonly most: number
}

const MOST_OF_LEVEL = 0.15

/** The seats of each priority level of one API server (apf_controller.go: finishQueueSetReconfigsLocked). */
export function seatsOf(levels: Iterable<PriorityLevel>, serverSeats = SERVER_SEATS): ReadonlyMap<string, Seats> {
  const all = [...levels]
  const sum = all.reduce((shares, level) => shares + level.shares, 0)
  return new Map(all.map((level) => [level.name, ofLevel(level, sum, serverSeats)]))
}

function ofLevel(level: PriorityLevel, sum: number, serverSeats: number): Seats {
  const { shares, lendablePercent, borrowingLimitPercent, queuing } = level
  const nominal = sum === 0 ? 0 : Math.ceil((serverSeats * shares) / sum)
  const borrowed =
    borrowingLimitPercent === undefined ? serverSeats : Math.round((nominal * borrowingLimitPercent) / 100)
  return {
    nominal,
    lower: nominal - Math.round((nominal * lendablePercent) / 100),
    upper: nominal + borrowed,
    most: queuing
      ? Math.max(1, Math.min(Math.ceil(nominal * MOST_OF_LEVEL), Math.trunc(nominal / queuing.handSize)))
      : 0,
  }
}
