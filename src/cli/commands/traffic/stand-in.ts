import { addressSet, holdsAll, PRIVATE } from '../../../cluster/addresses.ts'
import { providerFacts } from '../../../engines/traffic/front/provider.ts'
import { providerOf, SHIPPED_RANGES } from '../../../engines/traffic/front/ranges.ts'

/**
 * Who stands for many others under an address of a log: a CDN, and at a route from outside whoever has a private address,
 * which is a node or a load balancer.
 */
export function standInOf(isFromOutside: boolean): (address: string) => string | undefined {
  return (address) => {
    const own = addressSet(address)
    if (!own) return undefined
    const provider = providerOf(own, SHIPPED_RANGES)
    if (provider) return providerFacts(provider.provider).title
    return isFromOutside && holdsAll(PRIVATE, own) ? 'private networks (a node or a load balancer)' : undefined
  }
}
