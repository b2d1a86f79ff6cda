import { idParts } from '../../cluster/object.ts'
import type { Counted, SourceKind } from '../../engines/traffic/overload/exhaustion.ts'
import { counted, grouped, percent } from '../text.ts'
import type { OverloadItem } from './overload.ts'

/** What a share is a share of. */
export const AT_STAKE = 'the share of all availability that one source takes, weighed by application'

/** Why an item is unknown. */
export const UNDECIDED = 'what decides it is not in the input'

const WORDS: Readonly<Record<SourceKind, string>> = {
  client: 'client',
  pod: 'pod',
  deployment: 'growing workload',
  identity: 'identity',
}

/** The worst that is certain, else the worst that may be; `applications` are those whose availability counts. */
export function overloadSentence(items: readonly OverloadItem[], applications: number): string {
  const [first] = items
  if (!first) return 'Nothing was found that one source could exhaust.'
  const sure = items.find(({ truth }) => truth === 'yes')
  const worst = sure ?? first
  return `${capital(sourceText(worst))} can ${sure ? '' : 'perhaps '}exhaust ${worst.exhausts.title}: ${percent(worst.share)} of the availability of ${counted(applications, 'application')} is at stake.`
}

type Sources = Pick<OverloadItem, 'source' | 'sources'>

/** `one client at shop.example.com (of 12)`. */
export function sourceText(item: Sources): string {
  return sourceParts(item).join('')
}

/** The same as what stands before the name, the name of the worst, and what stands behind it. */
export function sourceParts({ source, sources }: Sources): readonly [before: string, name: string, after: string] {
  const [first] = sources.examples
  const name = first === undefined ? '' : plainName(first)
  const link = source === 'client' ? ' at ' : source === 'pod' ? ' of ' : ' '
  const after = sources.count > 1 ? ` (of ${grouped(sources.count)})` : ''
  return [`one ${WORDS[source]}${name === '' ? '' : link}`, name, after]
}

/** `web/shop`, where it is one; `3 applications, 6 workloads`. */
export function hitsText({ hits: { applications, workloads } }: OverloadItem): string {
  const [only] = applications.examples
  if (applications.count === 1 && only !== undefined) return plainName(only)
  return `${some(applications.count, 'application')}, ${some(workloads.count, 'workload')}`
}

/** `web/cart, web/catalog and 12 more`. */
export function examplesText({ count, examples }: Counted): string {
  const rest = count - examples.length
  return `${examples.map(plainName).join(', ')}${rest > 0 ? ` and ${grouped(rest)} more` : ''}`
}

/** `shop/web` of `Deployment/shop/web`; what is no id, as a host, as it is. */
export function plainName(id: string): string {
  if (!/^[A-Z][A-Za-z]*(\.[a-z0-9.-]+)?\/[^/]*\//.test(id)) return id
  const { namespace, name } = idParts(id)
  return namespace === '' ? name : `${namespace}/${name}`
}

function some(count: number, one: string): string {
  return `${grouped(count)} ${one}${count === 1 ? '' : 's'}`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
