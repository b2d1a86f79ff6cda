import type { Granted } from '../../authz/authorizers.ts'
import { isUrlRequest, type Request } from '../../authz/rules.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import type { Decision } from '../../engines/access/questions/can.ts'
import {
  type AccessView,
  type KnownRequester,
  type Membership,
  membershipThrough,
} from '../../engines/access/questions/view.ts'
import { type Question, requestText } from '../../engines/access/questions/words.ts'
import { type Witness, witness } from '../evidence.ts'
import { API_VERSION } from '../report.ts'
import type { Terminal } from '../style.ts'
import { wrap } from '../table.ts'
import { listed } from '../text.ts'
import {
  bindingEntry,
  grantText,
  locateAll,
  membershipEntry,
  otherEntry,
  placeText,
  roleText,
  unknownEntries,
  viaText,
} from './entries.ts'

/** The document AccessDecision (docs/reference/v1alpha1.schema.json). */
export function decisionDocument(view: AccessView, question: Question, decision: Decision): object {
  const seenBy = witness(view.cluster.locate)
  const { requester, request, allowed, reason, grants, unknowns } = decision
  locateAll(grants, seenBy)
  const held = grants.map((granted) => ({ granted, ...viaOf(membershipThrough(requester, granted.subject)) }))
  const other = held.flatMap((each) => otherEntry(each, seenBy) ?? [])
  return {
    apiVersion: API_VERSION,
    kind: 'AccessDecision',
    subject: subjectText(requester.subject),
    request: requestDocument(request),
    ...(isUrlRequest(request) || request.namespace === '' ? {} : { namespace: request.namespace }),
    kubernetes: `v1.${view.cluster.version.minor}`,
    asOf: new Date(view.asOf).toISOString(),
    allowed,
    ...(grants[0] ? { authorizer: grants[0].authorizer } : {}),
    reason,
    bindings: held.flatMap((each) => bindingEntry(each, seenBy) ?? []),
    ...(other.length > 0 ? { grants: other } : {}),
    memberships: requester.memberships.map(membershipEntry),
    notes: question.notes,
    unknowns: unknownEntries(unknowns, seenBy),
  }
}

function viaOf(via: Membership | undefined): { via?: Membership } {
  return via ? { via } : {}
}

/** Empty parts are left out. */
export function requestDocument(request: Request): object {
  return Object.fromEntries(Object.entries(request).filter(([key, value]) => value !== '' || key === 'group'))
}

export function placeOf(request: Request): string {
  if (isUrlRequest(request)) return ''
  return request.namespace === '' ? '' : ` in ${request.namespace}`
}

const MOST_TOLD = 20

/** The answer for people: one line, then what grants it, then what it rests on. */
export function decisionLines(
  view: AccessView,
  question: Question,
  decision: Decision,
  term: Terminal,
): readonly string[] {
  const { requester, request, allowed, grants, reason, unknowns } = decision
  const seenBy = witness(view.cluster.locate)
  const who = subjectText(requester.subject)
  const lines = wrap(
    `${allowed ? 'yes' : 'no'}: ${who} ${allowed ? 'may' : 'may not'} ${requestText(request)}${placeOf(request)}`,
    term.width,
  )
  const head = [term.bold(lines[0] ?? ''), ...lines.slice(1).map(term.bold)]
  if (!allowed) head.push(...wrap(reason, term.width))
  return [
    ...head,
    ...grants.slice(0, MOST_TOLD).flatMap((granted) => grantLines(granted, requester, seenBy, term)),
    ...(grants.length > MOST_TOLD ? [term.dim(`and ${grants.length - MOST_TOLD} more: -o json`)] : []),
    ...footLines(
      question.notes,
      unknowns.map(({ message }) => message),
      term,
    ),
    ...groupsLines(requester.memberships, term),
  ]
}

function grantLines(granted: Granted, requester: KnownRequester, seenBy: Witness, term: Terminal): readonly string[] {
  const { grant, because } = granted
  const via = membershipThrough(requester, granted.subject)
  const as = via ? `, through its group ${viaText(via)}` : ''
  const text = grant
    ? `${grantText(granted)} gives ${roleText(granted)}, to ${subjectText(granted.subject)}${as}`
    : `${granted.authorizer}: ${because.map((each) => each.text).join(', ')}${as}`
  const places = grant
    ? [placeText(granted, seenBy)]
    : seenBy.evidence(because).flatMap(({ file, line }) => (file === undefined ? [] : [`${file}:${line}`]))
  return [
    ...wrap(text, term.width, '  ', '- '),
    ...places.filter((place) => place !== '').flatMap((place) => wrap(place, term.width, '  ', '  ').map(term.dim)),
  ]
}

/** Below an answer: how its words were taken, and what is not sure of it. */
export function footLines(notes: readonly string[], unknowns: readonly string[], term: Terminal): readonly string[] {
  return [
    ...(notes.length > 0 || unknowns.length > 0 ? [''] : []),
    ...notes.flatMap((note) => wrap(note, term.width).map(term.dim)),
    ...unknowns.flatMap((message) => wrap(message, term.width, '  ', '- ')),
  ]
}

export function groupsLines(memberships: readonly Membership[], term: Terminal): readonly string[] {
  const names = memberships.map(({ group, from }) => (from === 'implicit' ? group : `${group} (${from})`))
  return names.length === 0 ? [] : wrap(`asked with the groups ${listed(names)}`, term.width).map(term.dim)
}
