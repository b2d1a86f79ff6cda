import { accessProposers } from './access/access.ts'
import type { Fix, FixContext, Proposer } from './fix.ts'
import { podSecurityLabel } from './namespaces/pod-security-label.ts'
import { isolate } from './network/isolate.ts'
import { capabilitiesDrop } from './pods/capabilities-drop.ts'
import { hostAccessOff } from './pods/host-access-off.ts'
import { hostPathOff } from './pods/host-path-off.ts'
import { hostPathReadOnly } from './pods/host-path-read-only.ts'
import { ownServiceAccount } from './pods/own-service-account.ts'
import { privilegedOff } from './pods/privileged-off.ts'
import { secureContext } from './pods/secure-context.ts'
import { tokenOff } from './pods/token-off.ts'
import { unprivileged } from './pods/unprivileged.ts'

/** Every kind of fix; a new one is one file and one line here. */
const PROPOSERS: readonly Proposer[] = [
  ...accessProposers,
  isolate,
  podSecurityLabel,
  ownServiceAccount,
  tokenOff,
  unprivileged,
  privilegedOff,
  hostAccessOff,
  hostPathOff,
  hostPathReadOnly,
  capabilitiesDrop,
  secureContext,
]

export function propose(context: FixContext): readonly Fix[] {
  return PROPOSERS.flatMap((proposer) => [...proposer.propose(context)])
}
