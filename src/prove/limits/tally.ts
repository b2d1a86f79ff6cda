/** What was refused of each client: how often, when, and where the first of it stands. */
export class Tally {
  /** Requests of each client, refused or not. */
  requests = new Uint32Array(1024)
  #refused = new Uint32Array(1024)
  #first = new Float64Array(0)
  #last = new Float64Array(0)
  #file = new Uint16Array(0)
  #line = new Uint32Array(0)

  request(client: number): void {
    if (client >= this.requests.length) {
      this.requests = grown(this.requests, client)
      this.#refused = grown(this.#refused, client)
    }
    this.requests[client] = (this.requests[client] as number) + 1
  }

  refuse(client: number, time: number, file: number, line: number): void {
    if (client >= this.#first.length) {
      const length = Math.max(client + 1, Math.min(this.requests.length, this.#first.length * 2 + 64))
      this.#first = resized(this.#first, new Float64Array(length))
      this.#last = resized(this.#last, new Float64Array(length))
      this.#file = resized(this.#file, new Uint16Array(length))
      this.#line = resized(this.#line, new Uint32Array(length))
    }
    const before = this.#refused[client] as number
    this.#refused[client] = before + 1
    this.#last[client] = time
    if (before > 0) return
    this.#first[client] = time
    this.#file[client] = file
    this.#line[client] = line
  }

  refusedOf(client: number): number {
    return this.#refused[client] ?? 0
  }

  get clients(): number {
    let count = 0
    for (const each of this.requests) if (each > 0) count++
    return count
  }

  get refusedClients(): number {
    let count = 0
    for (const each of this.#refused) if (each > 0) count++
    return count
  }

  /** Those with the most refusals, the first of equal ones first. */
  worst(most: number): readonly RefusedClient[] {
    return top(this.#refused, most).map((client) => ({
      client,
      requests: this.requests[client] as number,
      refused: this.#refused[client] as number,
      first: this.#first[client] as number,
      last: this.#last[client] as number,
      file: this.#file[client] as number,
      line: this.#line[client] as number,
    }))
  }

  /** Those with the most requests. */
  busiest(most: number): readonly { readonly client: number; readonly requests: number; readonly refused: number }[] {
    return top(this.requests, most).map((client) => ({
      client,
      requests: this.requests[client] as number,
      refused: this.#refused[client] as number,
    }))
  }
}

export interface RefusedClient {
  readonly client: number
  readonly requests: number
  readonly refused: number
  /** Milliseconds since 1970. */
  readonly first: number
  readonly last: number
  /** Index in the files of the log, and the line of the first refusal in it. */
  readonly file: number
  readonly line: number
}

/** Places of the greatest values above 0, the greatest first. */
export function top(values: Uint32Array, most: number): readonly number[] {
  const best: number[] = []
  for (let place = 0; place < values.length; place++) {
    const value = values[place] as number
    if (value === 0 || (best.length === most && value <= (values[best[most - 1] as number] as number))) continue
    let at = best.length
    while (at > 0 && (values[best[at - 1] as number] as number) < value) at--
    best.splice(at, 0, place)
    if (best.length > most) best.pop()
  }
  return best
}

function grown(column: Uint32Array<ArrayBuffer>, client: number): Uint32Array<ArrayBuffer> {
  return resized(column, new Uint32Array(Math.max(client + 1, column.length * 2)))
}

function resized<Column extends Uint32Array | Float64Array | Uint16Array>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
