import type { Limit } from '../../engines/traffic/limit.ts'
import type { MARK } from '../../observe/access-log/request.ts'

type Marks = typeof MARK
const REFUSED: Marks['refused'] = 2
const WOULD_REFUSE: Marks['wouldRefuse'] = 4
const UNTOLD: Marks['untold'] = 0
const OWN: Marks['own'] = 5

/** Codes with which engines refuse, where a limit does not say its own. */
const USUAL = [429, 503]

export function refusalCodes(limits: readonly Limit[]): ReadonlySet<number> {
  const codes = limits.flatMap(({ code }) => (code === undefined ? [] : [code]))
  return new Set(codes.length > 0 ? codes : USUAL)
}

/** Whether the log says that a limit refused a request; `by-status` where only its status says so, which a backend may give too. */
export function loggedAs(
  mark: number,
  status: number,
  codes: ReadonlySet<number>,
): 'refused' | 'admitted' | 'by-status' {
  if (mark === REFUSED || mark === WOULD_REFUSE) return 'refused'
  if (mark === OWN) return codes.has(status) ? 'refused' : 'admitted'
  if (mark === UNTOLD && codes.has(status)) return 'by-status'
  return 'admitted'
}

/**
 * The control: what the engine did when the log was written, against what its model says. Which of several requests of one
 * client came first within a millisecond, or within the second that the log tells, nobody knows: they are compared by how
 * many of them were refused.
 */
export class Logged {
  byStatus = 0
  #bothRefuse = 0
  #bothAdmit = 0
  #onlyLog = 0
  #onlyModel = 0
  /** Of each client the requests of one time, and how many of them were refused. */
  #time = new Float64Array(256).fill(Number.NaN)
  #count = new Uint32Array(256)
  #log = new Uint32Array(256)
  #model = new Uint32Array(256)

  /** `client`: any small number that is its own at this time; `time` is equal for those that cannot be told apart. */
  add(client: number, time: number, modelRefuses: boolean, logged: ReturnType<typeof loggedAs>): void {
    if (client >= this.#time.length) this.#grow(client)
    if (this.#time[client] !== time) {
      this.#settle(client)
      this.#time[client] = time
    }
    if (logged === 'by-status') this.byStatus++
    this.#count[client] = (this.#count[client] as number) + 1
    if (logged !== 'admitted') this.#log[client] = (this.#log[client] as number) + 1
    if (modelRefuses) this.#model[client] = (this.#model[client] as number) + 1
  }

  get bothRefuse(): number {
    return this.#settled().#bothRefuse
  }

  get bothAdmit(): number {
    return this.#settled().#bothAdmit
  }

  get onlyLog(): number {
    return this.#settled().#onlyLog
  }

  get onlyModel(): number {
    return this.#settled().#onlyModel
  }

  get agreed(): number {
    return this.bothRefuse + this.#bothAdmit
  }

  get compared(): number {
    return this.agreed + this.#onlyLog + this.#onlyModel
  }

  #settled(): this {
    for (let client = 0; client < this.#count.length; client++) this.#settle(client)
    return this
  }

  #settle(client: number): void {
    const count = this.#count[client] as number
    if (count === 0) return
    const log = this.#log[client] as number
    const model = this.#model[client] as number
    const both = Math.min(log, model)
    this.#bothRefuse += both
    this.#bothAdmit += count - Math.max(log, model)
    this.#onlyLog += log - both
    this.#onlyModel += model - both
    this.#count[client] = 0
    this.#log[client] = 0
    this.#model[client] = 0
  }

  #grow(client: number): void {
    const length = Math.max(client + 1, this.#time.length * 2)
    const time = new Float64Array(length).fill(Number.NaN)
    time.set(this.#time)
    this.#time = time
    this.#count = grown(this.#count, length)
    this.#log = grown(this.#log, length)
    this.#model = grown(this.#model, length)
  }
}

function grown(column: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length)
  larger.set(column)
  return larger
}
