import type { Exception } from '../../exceptions/exception.ts'

/** `needed by the CNI (platform team, until 2027-01-31)`. */
export function acceptedText({ reason, owner, expires }: Exception): string {
  const until = expires === 'never' ? undefined : `until ${expires}`
  const rest = [owner, until].filter((each) => each !== undefined && each !== '').join(', ')
  const why = reason === '' ? 'no reason given' : reason
  return rest === '' ? why : `${why} (${rest})`
}
