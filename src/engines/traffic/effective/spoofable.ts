import { intersectAddresses, PRIVATE, subtractAddresses } from '../../../cluster/addresses.ts'
import { because } from '../../../cluster/because.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import { providerOfHeader } from '../front/provider.ts'
import { isByAddress } from './counted-by.ts'
import { believes, believesAnyone, comesByProvider } from './header.ts'
import type { Judging, Ruling } from './judging.ts'
import type { Way } from './way.ts'

/** R2: the client says itself who it is, in a header that the controller believes. */
export function spoofable(judging: Judging, found: FoundLimit): Ruling | undefined {
  const { trust, ways } = judging
  if (!isByAddress(found) || found.limit.key.kind === 'peer-address' || trust.by !== 'header') return undefined
  const open = ways.find((way) => believes(trust, way) && mayForge(judging, way))
  if (!open) return undefined
  const how = providerOfHeader(trust.header)
    ? `whoever connects without passing the one in front sets ${trust.header} himself`
    : trust.hops === undefined
      ? `a client that sends ${trust.header} chooses the address that is counted`
      : `${trust.hops} proxies are taken for granted that nothing of the input shows: a client that sends ${trust.header} is believed`
  return { state: 'bypassable', rule: 'R2', because: [...trust.because, because(how), ...open.because] }
}

/** Whether what comes this way may carry a header that no proxy of one's own has written. */
function mayForge({ trust, ranges, front }: Judging, way: Way): boolean {
  if (trust.by !== 'header') return false
  const fromProvider = comesByProvider(way, ranges)
  const isOverwritten = providerOfHeader(trust.header) !== undefined
  const isAppended = way.appends === true && trust.header === 'x-forwarded-for'
  if (trust.hops === 1 && isAppended) return false
  if (isOverwritten || trust.hops === 1) {
    if (way.keepsAddress !== 'yes') return !fromProvider
    return !comesByProvider({ sources: intersectAddresses(trust.from, way.sources) }, ranges)
  }
  if (trust.hops !== undefined) return !fromProvider || !front.some(({ truth }) => truth === 'yes')
  if (believesAnyone(trust)) return true
  if (isAppended) return false
  // Nodes stand in the place of clients: who believes nodes believes everybody.
  if (way.keepsAddress !== 'yes') return !fromProvider
  const rest = [...ranges.values()].reduce(
    (left, { set }) => subtractAddresses(left, set),
    subtractAddresses(trust.from, PRIVATE),
  )
  return sizeOf(rest.v4) > WIDE
}

/** More public addresses than anybody's own proxies have: a /8. */
const WIDE = 1n << 24n

function sizeOf(bounds: readonly bigint[]): bigint {
  let sum = 0n
  for (let index = 0; index + 1 < bounds.length; index += 2)
    sum += (bounds[index + 1] as bigint) - (bounds[index] as bigint)
  return sum
}
