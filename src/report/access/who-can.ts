import type { Granted } from '../../authz/authorizers.ts'
import type { PolicyRule } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import type { AccessView } from '../../engines/access/questions/view.ts'
import type { Holder, Holders } from '../../engines/access/questions/who-can.ts'
import { type Question, requestText } from '../../engines/access/questions/words.ts'
import { csvCell } from '../escape.ts'
import { witness } from '../evidence.ts'
import { API_VERSION } from '../report.ts'
import type { Terminal } from '../style.ts'
import { wrap } from '../table.ts'
import { clean, listed } from '../text.ts'
import { footLines, placeOf, requestDocument } from './can.ts'
import {
  bindingEntry,
  filledTable,
  grantCells,
  grantText,
  locateAll,
  membershipEntry,
  otherEntry,
  placeText,
  ruleEntry,
  unknownEntries,
} from './entries.ts'

/** The document AccessSubjects; its items are made when they are asked for. */
export function subjectsDocument(view: AccessView, question: Question, found: Holders): object {
  const seenBy = witness(view.cluster.locate)
  locateAll(grantsOf(found.holders), seenBy)
  return {
    apiVersion: API_VERSION,
    kind: 'AccessSubjects',
    requests: question.asked.map(({ request }) => requestDocument(request)),
    kubernetes: `v1.${view.cluster.version.minor}`,
    asOf: new Date(view.asOf).toISOString(),
    items: mapped(found.holders, (holder) => {
      const other = holder.grants.flatMap((each) => otherEntry(each, seenBy) ?? [])
      return {
        subject: subjectText(holder.subject),
        ...(holder.namespace === '' ? {} : { namespace: holder.namespace }),
        rule: ruleEntry(holder.grants[0]?.granted.rule as PolicyRule),
        bindings: holder.grants.flatMap((each) => bindingEntry(each, seenBy) ?? []),
        ...(other.length > 0 ? { grants: other } : {}),
      }
    }),
    groups: found.groups.map(({ group, count, members }) => ({
      group: `group:${group}`,
      count,
      members: members.map(({ subject, membership }) => ({
        subject: subjectText(subject),
        ...withoutGroup(membershipEntry(membership)),
      })),
    })),
    named: mapped(found.named, ({ subject, namespace, names, binding, rule }) => {
      const location = seenBy.locate(binding.object, ['roleRef'])
      return {
        subject: subjectText(subject),
        ...(namespace === '' ? {} : { namespace }),
        names,
        binding: {
          kind: binding.kind,
          name: binding.name,
          ...(binding.namespace === '' ? {} : { namespace: binding.namespace }),
          rule,
          ...(location ? { location } : {}),
        },
      }
    }),
    untold: found.untold,
    unknowns: found.doubtful.map(({ subject, namespace, told }) => ({
      subject: subjectText(subject),
      ...(namespace === '' ? {} : { namespace }),
      ...unknownEntries([told], seenBy)[0],
    })),
    notes: question.notes,
  }
}

function* grantsOf(holders: readonly Holder[]): Generator<Granted> {
  for (const { grants } of holders) for (const { granted } of grants) yield granted
}

function withoutGroup<T extends { readonly group: string }>({ group: _, ...rest }: T): Omit<T, 'group'> {
  return rest
}

function mapped<From, To>(items: readonly From[], make: (item: From) => To): Iterable<To> {
  return {
    *[Symbol.iterator]() {
      for (const item of items) yield make(item)
    },
  }
}

/** Those that are named themselves; who may as a member of a group stands with the group. */
function isOwn({ grants }: Holder): boolean {
  return grants.some((each) => !each.via)
}

const MOST_ROWS = 200
const MOST_MEMBERS = 3

export function subjectsLines(view: AccessView, question: Question, found: Holders, term: Terminal): readonly string[] {
  const seenBy = witness(view.cluster.locate)
  const own = found.holders.filter(isOwn)
  locateAll(grantsOf(own.slice(0, MOST_ROWS)), seenBy)
  const asked = question.asked.map(({ request }) => `${requestText(request)}${placeOf(request)}`).join(', or ')
  const members = new Map(found.groups.map((each) => [each.group, each]))
  const rows = own.slice(0, MOST_ROWS).map((holder) => {
    const first = holder.grants.find((each) => !each.via) ?? holder.grants[0]
    const others = holder.grants.length - 1
    const group = holder.subject.kind === 'Group' ? members.get(holder.subject.name) : undefined
    return [
      subjectText(holder.subject),
      holder.namespace,
      first ? `${grantText(first.granted)}${others > 0 ? ` and ${others} more` : ''}` : '',
      group
        ? membersText(
            group.members.map((each) => subjectText(each.subject)),
            group.count,
          )
        : '',
      first?.granted.grant ? `${first.granted.grant.role.kind} ${first.granted.grant.role.name}` : '',
      first ? placeText(first.granted, seenBy) : '',
    ]
  })
  const through = found.holders.length - own.length + found.untold
  const more = [
    ...(own.length > MOST_ROWS
      ? [`and ${own.length - MOST_ROWS} more: -o name lists all, -o json with what grants it`]
      : []),
    ...(through > 0 ? [`${through} more may as members of these groups: -o name lists them`] : []),
    ...(found.named.length > 0
      ? [
          `for certain names only: ${listed(found.named.slice(0, 5).map(({ subject, names }) => `${subjectText(subject)} (${names.slice(0, 3).join(', ')})`))}${found.named.length > 5 ? ` and ${found.named.length - 5} more` : ''}; ask for one by RESOURCE/NAME`,
        ]
      : []),
  ]
  more.push(...doubtLines(found))
  const head = wrap(`Who may ${asked}`, term.width).map(term.bold)
  if (rows.length === 0) return [...head, 'nobody that the input names', ...footLines(question.notes, more, term)]
  return [...head, '', ...filledTable(COLUMNS, rows, term.width), ...footLines(question.notes, more, term)]
}

const MOST_DOUBTS = 5

function doubtLines({ doubtful }: Holders): readonly string[] {
  const lines = doubtful
    .slice(0, MOST_DOUBTS)
    .map(
      ({ subject, namespace, told }) =>
        `not known of ${subjectText(subject)}${namespace === '' ? '' : ` in ${namespace}`}: ${told.message}`,
    )
  const rest = doubtful.length - lines.length
  return rest > 0 ? [...lines, `not known of ${rest} more: -o json`] : lines
}

const COLUMNS = [
  { title: 'SUBJECT', least: 44 },
  { title: 'ONLY IN', least: 14 },
  { title: 'GRANTED BY', least: 52 },
  { title: 'MEMBERS', least: 30, spare: 1 },
  { title: 'ROLE', least: 30, spare: 2 },
  { title: 'WHERE', least: 30, spare: 3 },
]

function membersText(names: readonly string[], count: number): string {
  const shown = names.slice(0, MOST_MEMBERS)
  return `${shown.join(', ')}${count > shown.length ? ` and ${count - shown.length} more` : ''}`
}

/** One line a subject and binding, for spreadsheets. */
export function* subjectsCsv(view: AccessView, found: Holders): Generator<string> {
  const seenBy = witness(view.cluster.locate)
  locateAll(grantsOf(found.holders), seenBy)
  yield 'subject,namespace,granted by,binding namespace,binding,role,rule,via,file,line\r\n'
  for (const { subject, namespace, grants } of found.holders) {
    for (const held of grants) {
      const cells = [subjectText(subject), namespace, ...grantCells(held, seenBy)]
      yield `${cells.map(csvCell).join()}\r\n`
    }
  }
}

/** Each subject once. */
export function* subjectNames(found: Holders): Generator<string> {
  for (const name of new Set(found.holders.map(({ subject }) => subjectText(subject)))) yield `${clean(name)}\n`
}
