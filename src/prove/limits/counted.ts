import { type AddressSet, addressesOf, addressSet, holdsAll, parseCidr } from '../../cluster/addresses.ts'
import type { Limit } from '../../engines/traffic/limit.ts'

const EXEMPT = 0xffff_ffff

/**
 * Under which number a limit counts a client: its own, that of its network, or none where it is exempt. Worked out once a
 * client.
 */
export class CountedBy {
  readonly #nameOf: (client: number) => string
  readonly #exempt: AddressSet | undefined
  readonly #prefixes: readonly [number, number] | undefined
  readonly #networks = new Map<string, number>()
  /** Number + 1 by client; 0 is not worked out yet. */
  #known = new Uint32Array(1024)

  constructor(limits: readonly Limit[], nameOf: (client: number) => string) {
    this.#nameOf = nameOf
    const exempt = limits.flatMap((limit) => limit.exempt ?? [])
    this.#exempt = exempt.length === 0 ? undefined : addressesOf(exempt)
    const keys = limits.flatMap(({ key }) =>
      key.kind === 'client-address' && (key.prefix4 !== undefined || key.prefix6 !== undefined) ? [key] : [],
    )
    const [key] = keys
    this.#prefixes = key ? [key.prefix4 ?? 32, key.prefix6 ?? 128] : undefined
  }

  /** Undefined where the limit does not count this client. */
  number(client: number): number | undefined {
    if (this.#exempt === undefined && this.#prefixes === undefined) return client
    if (client >= this.#known.length) {
      const larger = new Uint32Array(Math.max(client + 1, this.#known.length * 2))
      larger.set(this.#known)
      this.#known = larger
    }
    let known = this.#known[client] as number
    if (known === 0) {
      known = this.#workOut(client)
      this.#known[client] = known
    }
    return known === EXEMPT ? undefined : known - 1
  }

  #workOut(client: number): number {
    const name = this.#nameOf(client)
    const own = addressSet(name)
    if (own && this.#exempt && holdsAll(this.#exempt, own)) return EXEMPT
    if (!this.#prefixes) return client + 1
    const [four, six] = this.#prefixes
    const cidr = own && parseCidr(`${name}/${name.includes(':') ? six : four}`)
    const key = cidr ? `${cidr.family} ${cidr.first}` : name
    const network = this.#networks.get(key) ?? this.#networks.size
    this.#networks.set(key, network)
    return network + 1
  }
}
