import { because } from '../../../cluster/because.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import { providerOfHeader } from '../front/provider.ts'
import { countedBy } from './counted-by.ts'
import { comesByProvider } from './header.ts'
import type { Judging, Ruling } from './judging.ts'

/**
 * R2 for what is counted by something that clients write themselves (a header, a query): another value has another count,
 * and what is counted only where it is written is not counted without it. Whatever asks who they are asks later.
 */
export function chosenKey({ ways, ranges }: Judging, { limit }: FoundLimit): Ruling | undefined {
  if ((limit.kind !== 'requests' && limit.kind !== 'connections') || limit.scope === 'outside') return undefined
  const [what] = countedBy(limit.key).chosen
  if (what !== undefined) {
    // The edges of a provider overwrite their own header, where nobody else comes in.
    const provider = limit.key.kind === 'header' ? providerOfHeader(limit.key.name) : undefined
    const isTrue = provider !== undefined && ways.length > 0 && ways.every((way) => comesByProvider(way, ranges))
    if (isTrue) return undefined
    return bypassable(`counts by ${what}, which clients write themselves: each value has a count of its own`)
  }
  const asked = CONDITION.exec(limit.only ?? '')?.[1]
  if (asked !== undefined)
    return bypassable(`counts only requests with a certain ${asked}: whoever leaves it out is not counted`)
  const network = /(?:^|, )source ([^ ,]+)/.exec(limit.only ?? '')?.[1]
  return network === undefined ? undefined : bypassable(`counts only clients of ${network}: nobody else is held back`)
}

/** What has to be there, in the words of the dialect of Envoy Gateway. */
const CONDITION = /(?:^|, )((?:header|query parameter) [^ ,]+)(?= is (?!not )| matches |,|$)/

function bypassable(text: string): Ruling {
  return { state: 'bypassable', rule: 'R2', because: [because(text)] }
}
