import { type Answer, both, either } from './answer.ts'
import type { Caller } from './caller.ts'
import type { PolicyDocument, Principals, Statement } from './document.ts'
import { isNamed, type Named, NOT_NAMED, named } from './principals.ts'
import { type Asked, speaksOf } from './statement.ts'
import type { AwsWorld } from './world.ts'

export type Part = 'identity' | 'boundary' | 'session' | 'resource' | 'trust' | 'scp' | 'rcp'

/** One statement that bears on an answer. */
export interface Because {
  readonly part: Part
  readonly statement: Statement
  readonly answer: 'yes' | 'maybe'
  /** Condition keys and variables whose value is not known, and would settle it. */
  readonly unknown: readonly string[]
}

/** What the policies of one kind say of a request. */
export interface Said {
  readonly deny: Answer
  readonly allow: Answer
  /** By whom a policy of a resource allows it, as it names them. */
  readonly allows: Named
  readonly because: readonly Because[]
}

export const SILENT: Said = { deny: 'no', allow: 'no', allows: NOT_NAMED, because: [] }
/** Policies that were not given. */
export const UNSEEN: Said = {
  deny: 'maybe',
  allow: 'maybe',
  allows: { direct: 'maybe', session: 'maybe', account: 'maybe', any: 'maybe' },
  because: [],
}

const and = (a: Named, answer: Answer): Named => ({
  direct: both(a.direct, answer),
  session: both(a.session, answer),
  account: both(a.account, answer),
  any: both(a.any, answer),
})
const or = (a: Named, b: Named): Named => ({
  direct: either(a.direct, b.direct),
  session: either(a.session, b.session),
  account: either(a.account, b.account),
  any: either(a.any, b.any),
})

/** In resource control policies `*` is the only principal, and means tokens and services as well (Organizations, RCP syntax). */
const isEveryone = (principals: Principals | undefined): boolean =>
  principals !== undefined && !principals.not && principals.named.some(({ kind }) => kind === '*')

/**
 * What documents say, all together. `toWhom`: they are policies of a resource, whose statements name principals; in other
 * policies a statement that names some is no statement, so that what it would say is doubtful.
 */
export function said(
  part: Part,
  documents: readonly PolicyDocument[],
  asked: Asked,
  toWhom?: { readonly caller: Caller; readonly world: AwsWorld },
): Said {
  let { deny, allow, allows } = SILENT
  const because: Because[] = []
  for (const document of documents) {
    if (document.problems.length > 0) {
      deny = either(deny, 'maybe')
      allow = either(allow, 'maybe')
      if (toWhom !== undefined) allows = or(allows, UNSEEN.allows)
    }
    for (const statement of document.statements) {
      const match = speaksOf(statement, asked)
      if (match.answer === 'no') continue
      const by: Named =
        toWhom === undefined
          ? { ...NOT_NAMED, any: statement.principals === undefined ? 'yes' : 'maybe' }
          : part === 'rcp' && isEveryone(statement.principals)
            ? { ...NOT_NAMED, any: 'yes' }
            : named(statement.principals, toWhom.caller, toWhom.world)
      const answer = both(match.answer, isNamed(by))
      if (answer === 'no') continue
      because.push({ part, statement, answer, unknown: match.unknown })
      if (statement.effect === 'deny') deny = either(deny, answer)
      else {
        allow = either(allow, answer)
        allows = or(allows, and(by, match.answer))
      }
    }
  }
  return { deny, allow, allows, because }
}
