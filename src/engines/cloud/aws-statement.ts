import { type Because, because } from '../../cluster/because.ts'
import type { Statement } from './aws/document.ts'

/** The origin of a policy is the sentence of the role, or of the control policy, that has it. */
export function statementBecause({ source, path, sid, effect }: Statement): Because {
  const origin = source.origin as Because | undefined
  const text = `policy ${source.name}: ${path.join('.')}${sid === undefined ? '' : ` (${sid})`} ${effect === 'deny' ? 'denies' : 'allows'} it`
  return { ...because(text), ...(origin?.place ? { place: origin.place } : {}) }
}
