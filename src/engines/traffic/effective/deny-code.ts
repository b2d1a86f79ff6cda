import { type Because, because } from '../../../cluster/because.ts'
import type { FoundLimit } from '../dialects/dialect.ts'

/** R6: 503 says that the service is broken: clients try again at once and load balancers take it out; 429 says wait. */
export function hidesLimit({ limit }: FoundLimit): Because | undefined {
  if ((limit.kind !== 'requests' && limit.kind !== 'connections') || limit.code !== 503) return undefined
  return because('answers 503, which clients take for a fault and repeat; 429 would say that it is a limit')
}
