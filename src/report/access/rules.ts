import { subjectText } from '../../cluster/subject-text.ts'
import type { HeldRule, HeldRules, PartGranted } from '../../engines/access/questions/rules.ts'
import {
  type AccessView,
  type KnownRequester,
  type Membership,
  membershipThrough,
} from '../../engines/access/questions/view.ts'
import { csvCell } from '../escape.ts'
import { type Witness, witness } from '../evidence.ts'
import { API_VERSION } from '../report.ts'
import type { Terminal } from '../style.ts'
import { wrap } from '../table.ts'
import { footLines, groupsLines } from './can.ts'
import {
  bindingEntry,
  grantCells,
  grantText,
  locateAll,
  membershipEntry,
  otherEntry,
  resourcesText,
  ruleEntry,
  unknownEntries,
  viaText,
} from './entries.ts'

/** The document AccessRules. */
export function rulesDocument(view: AccessView, namespace: string | undefined, found: HeldRules): object {
  const seenBy = locatedAll(view, found)
  const subject = subjectText(found.requester.subject)
  return {
    apiVersion: API_VERSION,
    kind: 'AccessRules',
    subject,
    ...(namespace ? { namespace } : {}),
    kubernetes: `v1.${view.cluster.version.minor}`,
    asOf: new Date(view.asOf).toISOString(),
    items: found.rules.map((held) => itemOf(held, subject, found.requester, seenBy)),
    memberships: found.requester.memberships.map(membershipEntry),
    unknowns: unknownEntries(found.unknowns, seenBy),
  }
}

function locatedAll(view: AccessView, found: HeldRules): Witness {
  const seenBy = witness(view.cluster.locate)
  locateAll(
    found.rules.flatMap(({ grants }) => grants.map(({ granted }) => granted)),
    seenBy,
  )
  return seenBy
}

function itemOf(
  { namespace, rule, grants }: HeldRule,
  subject: string,
  requester: KnownRequester,
  seenBy: Witness,
): object {
  const held = grants.map((each) => heldOf(each, requester))
  const isWhole = ({ verbs }: PartGranted): boolean => verbs.length === rule.verbs.length
  const other = held.flatMap((each) => otherEntry(each, seenBy) ?? [])
  return {
    subject,
    ...(namespace === '' ? {} : { namespace }),
    rule: ruleEntry(rule),
    bindings: held.flatMap((each, at) => {
      const part = grants[at] as PartGranted
      return bindingEntry(each, seenBy, isWhole(part) ? undefined : part.verbs) ?? []
    }),
    ...(other.length > 0 ? { grants: other } : {}),
  }
}

function heldOf(
  { granted }: PartGranted,
  requester: KnownRequester,
): { granted: PartGranted['granted']; via?: Membership } {
  const via = membershipThrough(requester, granted.subject)
  return { granted, ...(via ? { via } : {}) }
}

/** Rules of equal verbs that the same bindings give stand together. */
export function rulesLines(namespace: string | undefined, found: HeldRules, term: Terminal): readonly string[] {
  const { requester, rules, unknowns } = found
  const where = namespace === undefined ? '' : namespace === '' ? ' in all namespaces at once' : ` in ${namespace}`
  const lines = wrap(`What ${subjectText(requester.subject)} may${where}`, term.width).map(term.bold)
  if (rules.length === 0) lines.push('nothing that the input grants')
  for (const [place, held] of Map.groupBy(rules, (each) => each.namespace)) {
    lines.push('', ...wrap(place === '' ? 'everywhere' : `only in ${place}`, term.width).map(term.bold))
    const alike = Map.groupBy(held, (each) => JSON.stringify([each.rule.verbs, giversOf(each, requester)]))
    for (const together of alike.values()) lines.push(...blockLines(together, requester, term))
  }
  return [
    ...lines,
    ...footLines(
      [],
      unknowns.map(({ message }) => message),
      term,
    ),
    ...groupsLines(requester.memberships, term),
  ]
}

const MOST_BINDINGS = 5

function blockLines(together: readonly HeldRule[], requester: KnownRequester, term: Terminal): readonly string[] {
  const [first] = together as readonly [HeldRule]
  const givers = giversOf(first, requester)
  const by = givers.slice(0, MOST_BINDINGS)
  if (givers.length > by.length) by.push(`by ${givers.length - by.length} more: -o json`)
  const what = together.map(({ rule }) => resourcesText(rule)).join(', ')
  return [
    ...wrap(`${first.rule.verbs.join(',')}: ${what}`, term.width, '  ', '- '),
    ...by.flatMap((text) => wrap(text, term.width, '  ', '  ').map(term.dim)),
  ]
}

/** Each binding once, with its verbs where it does not give all. */
function giversOf({ rule, grants }: HeldRule, requester: KnownRequester): string[] {
  const verbs = new Map<string, Set<string>>()
  for (const { granted, verbs: some } of grants) {
    const via = membershipThrough(requester, granted.subject)
    const role = granted.grant ? ` (${granted.grant.role.kind} ${granted.grant.role.name})` : ''
    const text = `by ${grantText(granted)}${role}${via ? `, through its group ${viaText(via)}` : ''}`
    const known = verbs.get(text) ?? new Set()
    verbs.set(text, known)
    for (const verb of some) known.add(verb)
  }
  return [...verbs].map(([text, own]) =>
    own.size < rule.verbs.length ? `${rule.verbs.filter((verb) => own.has(verb)).join(',')} ${text}` : text,
  )
}

/** One line a rule and binding. */
export function* rulesCsv(view: AccessView, found: HeldRules): Generator<string> {
  const seenBy = locatedAll(view, found)
  yield 'subject,namespace,verbs,groups,resources,names,urls,granted by,binding namespace,binding,role,rule,via,file,line\r\n'
  for (const { namespace, rule, grants } of found.rules) {
    for (const part of grants) {
      const held = heldOf(part, found.requester)
      const cells = [
        subjectText(found.requester.subject),
        namespace,
        part.verbs.join(' '),
        rule.apiGroups.map((group) => group || 'core').join(' '),
        rule.resources.join(' '),
        rule.resourceNames.join(' '),
        rule.nonResourceURLs.join(' '),
        ...grantCells(held, seenBy),
      ]
      yield `${cells.map(csvCell).join()}\r\n`
    }
  }
}
