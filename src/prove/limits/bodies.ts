import type { Limit } from '../../engines/traffic/limit.ts'
import type { Requests } from '../../observe/access-log/requests.ts'
import { Tally } from './tally.ts'

/** Recorded bodies before the least of the limits of their size. */
export class BodyTrial {
  readonly limit: Limit
  readonly tally = new Tally()
  /** Requests whose size the log tells. */
  sized = 0
  refused = 0
  largest = 0

  constructor(limit: Limit) {
    this.limit = limit
  }

  add(batch: Requests, row: number, client: number): void {
    const received = batch.received[row] as number
    if (!(received >= 0)) return
    this.sized++
    this.tally.request(client)
    if (received > this.largest) this.largest = received
    if (received <= (this.limit.body ?? Number.POSITIVE_INFINITY)) return
    this.refused++
    this.tally.refuse(client, batch.start[row] as number, batch.file[row] as number, batch.line[row] as number)
  }
}
