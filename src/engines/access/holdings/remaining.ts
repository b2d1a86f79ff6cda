import { dateText } from '../dates.ts'
import type { Holding, Remaining } from './holding.ts'

/** What the change leaves, in words, and what would end it; what ended before `asOf` is left out. */
export function remainingOf(items: readonly Holding[], asOf: number): readonly Remaining[] {
  const found = new Map<string, Remaining>()
  for (const item of items) {
    if (item.ends !== 'remaining') continue
    if (typeof item.until === 'number' && item.until <= asOf) continue
    const told = { ...said(item, asOf), kind: item.kind, ...(item.until === undefined ? {} : { until: item.until }) }
    if (!found.has(told.message)) found.set(told.message, told)
  }
  return [...found.values()]
}

function said(
  { kind, title, from, until, last, credential, via, account, settle }: Holding,
  asOf: number,
): Pick<Remaining, 'message' | 'settle'> {
  const begins = from !== undefined && from > asOf ? `is not valid before ${dateText(from)} and ` : ''
  const lives =
    until === 'never'
      ? 'does not expire'
      : until === undefined
        ? 'lives until its date, which is not known here'
        : `lives until ${dateText(until)}`
  switch (kind) {
    case 'certificate':
    case 'kubeconfig':
      return {
        message: `${title} (${credential}) ${begins}${lives}: Kubernetes revokes none`,
        settle: 'grant nothing to its user and groups until then, or replace the certificate authority of clients',
      }
    case 'credential':
      return {
        message: `it came with ${title}${last === undefined ? '' : `, last ${dateText(last)}`}`,
        settle: 'end it where it was given out; a client certificate lives until its date',
      }
    case 'token':
      return { message: `${title} (${credential}) ${lives}`, settle: 'end the session where the token was given out' }
    case 'access-key':
      return { message: `${title} (${credential?.slice(5)})`, settle: 'deactivate it in IAM' }
    case 'minted-token':
      return {
        message: `${title}${credential === undefined ? '' : ` (${credential})`} ${lives}`,
        settle: `delete and create again service account ${account?.slice(3)}, which ends all its tokens`,
      }
    case 'group-binding':
      return {
        message: `${title}, through ${via}`,
        settle: settle ?? `take it out of ${via?.slice(6)} where the group is kept`,
      }
    case 'membership':
      return { message: title, settle: 'end the credential that carries the group' }
    case 'secret-read':
      return { message: title, settle: 'rotate what they hold' }
    case 'cloud-mapping':
      return { message: title, settle: settle ?? 'end the session’s right to assume the role, in AWS' }
    case 'impersonated':
      return { message: title, settle: 'take the right to impersonate it' }
    case 'made':
      return { message: `it made: ${title}`, settle: 'look whether it keeps a way in' }
    case 'workload':
      return { message: title, settle: 'give it another service account' }
    default:
      return { message: title, settle: 'remove it' }
  }
}
