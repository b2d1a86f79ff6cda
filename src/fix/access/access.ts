import type { Proposer } from '../fix.ts'
import { dropRule } from './drop-rule.ts'
import { narrowBinding } from './narrow-binding.ts'
import { reduceRole } from './reduce-role.ts'
import { revokeBinding } from './revoke-binding.ts'
import { revokeSubject } from './revoke-subject.ts'

/** Every kind of fix of RBAC objects. */
export const accessProposers: readonly Proposer[] = [revokeBinding, revokeSubject, narrowBinding, reduceRole, dropRule]
