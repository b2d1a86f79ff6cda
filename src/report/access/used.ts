import type { CloudAuthorizerName } from '../../authz/cloud/reason.ts'
import type { Applications } from '../../cluster/application/application.ts'
import type { Because } from '../../cluster/because.ts'
import type { Path } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { Location } from '../../cluster/origin.ts'
import type { Binding, PolicyRule } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import { formatRequest } from '../../engines/access/used/behaviour.ts'
import type { Deed } from '../../engines/access/used/deeds.ts'
import type { CloudGrantedRule, GrantedRule, Unexplained, UsedRight } from '../../engines/access/used/granted.ts'
import { formatRight } from '../../engines/access/used/right-text.ts'
import type { Terminal } from '../style.ts'
import { type Column, table, wrap } from '../table.ts'
import { counted, grouped } from '../text.ts'
import { userText } from './subject.ts'
import { type AccessWindow, timeText } from './window.ts'

export interface BindingRef {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
  readonly role: { readonly kind: string; readonly name: string; readonly namespace?: string }
  /** The line alone, of what is no object. */
  readonly location?: Location | NonNullable<Because['place']>
  /** A default of Kubernetes that the input does not hold. */
  readonly assumed?: true
  /** Of a grant of a cloud: to which of its principals, and in which namespaces (`*` stands for anything) if not in all. */
  readonly principal?: string
  readonly namespaces?: readonly string[]
}

export interface ReportUse {
  /** `get secrets`, `create pods.exec`, `get /metrics`. */
  readonly right: string
  readonly namespace?: string
  readonly names?: readonly string[]
  /** There were more names than are kept. */
  readonly moreNames?: true
  readonly times: number
  readonly first: string
  readonly last: string
  readonly by: UsedRight['by']
}

/** One rule that a binding gives, and what was used of it. */
export interface UsedItem {
  readonly subject: string
  readonly binding: BindingRef
  readonly rule: PolicyRule & { readonly index: number; readonly location?: Location }
  readonly granted: readonly string[]
  readonly used: readonly ReportUse[]
  readonly unused: readonly string[]
  readonly times: number
  readonly first?: string
  readonly last?: string
  /** False where something of it may have been used without a record. */
  readonly observable: boolean
  readonly unobservable?: readonly { readonly right: string; readonly why: string }[]
}

export type Locate = (object: KubeObject, path?: Path) => Location | undefined

export function usedItem(each: GrantedRule, role: KubeObject | undefined, locate: Locate): UsedItem {
  return itemOf(each, bindingRef(each.binding, locate), role && locate(role, ['rules', each.rule]))
}

/** A rule that a cloud gives besides RBAC: what associates it stands for the binding. */
export function cloudItem(each: CloudGrantedRule, locate: Locate): UsedItem {
  return itemOf(each, cloudRef(each, locate), undefined)
}

function itemOf(
  { subject, rule, granted, used, unused, unseen }: Omit<GrantedRule, 'binding'>,
  binding: BindingRef,
  source: Location | undefined,
): UsedItem {
  const body = ruleOf(granted)
  return {
    subject: subjectText(subject),
    binding,
    rule: { index: rule, ...body, ...(source ? { location: source } : {}) },
    granted: granted.map(formatRight),
    used: used.map(reportUse),
    unused: unused.map(formatRight),
    times: used.reduce((sum, { times }) => sum + times, 0),
    ...(used.length === 0
      ? {}
      : {
          first: timeText(Math.min(...used.map(({ first }) => first))),
          last: timeText(Math.max(...used.map(({ last }) => last))),
        }),
    observable: unseen.length === 0,
    ...(unseen.length === 0
      ? {}
      : { unobservable: unseen.map(({ right, why }) => ({ right: formatRight(right), why })) }),
  }
}

/** The rule that these atoms are of. */
function ruleOf(atoms: readonly PolicyRule[]): PolicyRule {
  const all = (key: keyof PolicyRule): readonly string[] => [...new Set(atoms.flatMap((each) => each[key]))]
  return {
    verbs: all('verbs'),
    apiGroups: all('apiGroups'),
    resources: all('resources'),
    resourceNames: all('resourceNames'),
    nonResourceURLs: all('nonResourceURLs'),
  }
}

function bindingRef(binding: Binding, locate: Locate): BindingRef {
  const { kind, name, namespace, roleKind, roleName, object, assumed } = binding
  const location = locate(object)
  return {
    kind,
    name,
    ...(namespace === '' ? {} : { namespace }),
    role: { kind: roleKind, name: roleName, ...(roleKind === 'Role' ? { namespace } : {}) },
    ...(location ? { location } : {}),
    ...(assumed ? { assumed: true } : {}),
  }
}

/** What associates a grant with its principal, and what is associated, as the clouds call them. */
const CLOUD_KINDS: Readonly<Record<CloudAuthorizerName, readonly [binding: string, role: string]>> = {
  'EKS access policies': ['AccessPolicyAssociation', 'AccessPolicy'],
  'Azure RBAC': ['RoleAssignment', 'AzureRole'],
  'GKE IAM': ['IamBinding', 'GoogleRole'],
}

export function cloudRef(
  { authorizer, grant }: Pick<CloudGrantedRule, 'authorizer' | 'grant'>,
  locate: Locate,
): BindingRef {
  const { role, principal, namespaces, because } = grant
  const [kind, roleKind] = CLOUD_KINDS[authorizer]
  const [first] = because
  const location = first?.object ? locate(first.object, first.path) : first?.place
  return {
    kind,
    name: role,
    role: { kind: roleKind, name: role },
    principal,
    ...(namespaces ? { namespaces } : {}),
    ...(location ? { location } : {}),
  }
}

export function reportUse({ request, times, first, last, names, isMore, by }: UsedRight): ReportUse {
  const isUrl = 'path' in request
  return {
    right: formatRequest(isUrl ? request : { ...request, namespace: '', name: '' }),
    ...(isUrl || request.namespace === '' ? {} : { namespace: request.namespace }),
    ...(names.size === 0 ? {} : { names: [...names].sort() }),
    ...(isMore ? { moreNames: true } : {}),
    times,
    first: timeText(first),
    last: timeText(last),
    by,
  }
}

export interface UnexplainedItem extends ReportUse {
  readonly subject: string
  readonly why: Unexplained['why']
  /** What the log says of who allowed it. */
  readonly reason?: string
}

export function unexplainedItem({ who, used, reason, why }: Unexplained): UnexplainedItem {
  return { subject: userText(who.user), ...reportUse(used), why, ...(reason === '' ? {} : { reason }) }
}

/** Requests of one subject that differ in their time only, from one address with one credential. */
export interface DeedItem {
  readonly subject: string
  readonly impersonator?: string
  readonly verb: string
  readonly what: string
  readonly namespace?: string
  readonly name?: string
  readonly allowed: boolean
  readonly dryRun?: true
  readonly times: number
  readonly codes: Readonly<Record<string, number>>
  readonly first: string
  readonly last: string
  /** The last address: those before it are the client's word. */
  readonly source?: string
  readonly agent?: string
  readonly credentials?: readonly string[]
  readonly pod?: string
  readonly workload?: string
  readonly application?: string
  readonly reason?: string
  readonly file: string
  readonly line: number
  /** Which of several in that line. */
  readonly item?: string
}

export function deedItem(deed: Deed, applications: Applications): DeedItem {
  const { user, impersonator, verb, group, resource, subresource, namespace, name, path, pod, workload, place } = deed
  const kind = `${resource}${subresource === '' ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`
  const told = <K extends string>(key: K, value: string): { readonly [key in K]?: string } =>
    value === '' ? {} : ({ [key]: value } as { readonly [key in K]: string })
  return {
    subject: userText(user),
    ...(impersonator === '' ? {} : { impersonator: userText(impersonator) }),
    verb,
    what: resource === '' ? path : kind,
    ...told('namespace', namespace),
    ...told('name', name),
    allowed: deed.allowed,
    ...(deed.dryRun ? { dryRun: true } : {}),
    times: deed.times,
    codes: Object.fromEntries([...deed.codes].sort(([a], [b]) => a - b)),
    first: timeText(deed.first),
    last: timeText(deed.last),
    ...told('source', deed.source),
    ...told('agent', deed.agent),
    ...(deed.credentials.size === 0 ? {} : { credentials: [...deed.credentials] }),
    ...told('pod', pod === '' ? '' : `${deed.podNamespace}/${pod}`),
    ...told('workload', workload),
    ...told('application', workload === '' ? '' : (applications.applicationOf(workload)?.id ?? '')),
    ...told('reason', deed.reason),
    file: place.file,
    line: place.line,
    ...(place.item === undefined ? {} : { item: place.item }),
  }
}

export interface AccessUsed {
  readonly apiVersion: string
  readonly kind: 'AccessUsed'
  /** Null: everybody. */
  readonly subject: string | null
  /** `--on`. */
  readonly on?: string
  readonly window: AccessWindow
  readonly items: readonly (UsedItem | DeedItem)[]
  readonly unexplained?: readonly UnexplainedItem[]
  /** What one subject did between two times, in order. */
  readonly activity?: readonly DeedItem[]
  /** What the sources could not show, whatever was done. */
  readonly hidden: readonly string[]
}

const RULES: readonly Column[] = [
  { title: 'SUBJECT', least: 18 },
  { title: 'BINDING', least: 14 },
  { title: 'RIGHT', least: 22 },
  { title: 'NAMESPACE', spare: 2 },
  { title: 'NAMES', least: 8, spare: 3 },
  { title: 'TIMES', right: true },
  { title: 'LAST', least: 16, spare: 1 },
]

const DEEDS: readonly Column[] = [
  { title: 'FIRST', least: 11 },
  { title: 'LAST', least: 11, spare: 1 },
  { title: 'SUBJECT', least: 18 },
  { title: 'DID', least: 22 },
  { title: 'NAMESPACE', spare: 4 },
  { title: 'TIMES', right: true },
  { title: 'ANSWER' },
  { title: 'FROM', least: 9, spare: 2 },
  { title: 'BY', least: 10, spare: 3 },
]

/** The answer for a terminal: what was used stands first, then what was not, then what is not known. */
export function* usedScreen(document: AccessUsed, term: Terminal): Generator<string> {
  const { window, items, unexplained = [], activity, on, subject, hidden } = document
  yield* wrap(sentence(window, subject, on), term.width).map(term.bold)
  for (const each of hidden) yield* wrap(each, term.width, '  ', '- ')
  const deeds = on === undefined ? activity : (items as readonly DeedItem[])
  if (deeds) {
    yield ''
    if (deeds.length === 0) yield 'Nothing of that was recorded.'
    else yield* table(DEEDS, deeds.map(deedRow), term.width)
    return
  }
  const rules = items as readonly UsedItem[]
  if (rules.length > 0) yield ''
  if (rules.length > 0) yield* table(RULES, rules.flatMap(ruleRows), term.width)
  if (unexplained.length > 0) {
    yield ''
    yield term.bold('Used, and no binding of today gives it')
    yield* table(
      [
        { title: 'SUBJECT', least: 12 },
        { title: 'RIGHT', least: 14 },
        { title: 'NAMESPACE' },
        { title: 'TIMES', right: true },
        { title: 'LAST', spare: 2 },
        { title: 'WHY', least: 12, spare: 1 },
      ],
      unexplained.map(({ subject: who, right, namespace = '', times, last, why, reason }) => [
        who,
        right,
        namespace,
        grouped(times),
        minute(last),
        reason ?? why,
      ]),
      term.width,
    )
  }
}

function sentence({ from, to, days, records }: AccessWindow, subject: string | null, on: string | undefined): string {
  const who = subject ?? 'everybody'
  const what = on === undefined ? `What ${who} was granted and used` : `Who touched ${on}`
  if (from === '') return `${what}: no request was recorded.`
  return `${what}, by ${grouped(records)} requests of ${minute(from)} to ${minute(to)} (${counted(days, 'day')})`
}

function ruleRows(item: UsedItem): readonly (readonly string[])[] {
  const name =
    item.binding.namespace === undefined ? item.binding.name : `${item.binding.namespace}/${item.binding.name}`
  const hidden = new Map((item.unobservable ?? []).map(({ right, why }) => [right, why]))
  return [
    ...item.used.map(({ right, namespace = '', names = [], moreNames, times, last }) => [
      item.subject,
      name,
      right,
      namespace,
      `${names.slice(0, 3).join(', ')}${names.length > 3 || moreNames ? ` +${moreNames ? '' : names.length - 3}` : ''}`,
      grouped(times),
      minute(last),
    ]),
    ...item.unused.map((right) => [
      item.subject,
      name,
      right,
      item.binding.namespace ?? item.binding.namespaces?.join(', ') ?? '',
      item.rule.resourceNames.slice(0, 3).join(', '),
      hidden.has(right) ? '?' : '0',
      hidden.get(right) ?? 'not used',
    ]),
  ]
}

function deedRow(deed: DeedItem): readonly string[] {
  const {
    subject,
    impersonator,
    verb,
    what,
    name,
    namespace = '',
    times,
    allowed,
    codes,
    source = '',
    first,
    last,
  } = deed
  return [
    minute(first).slice(5),
    minute(last).slice(5),
    impersonator === undefined ? subject : `${subject} (by ${impersonator})`,
    `${verb} ${what}${name === undefined ? '' : ` ${name}`}${deed.dryRun ? ' (dry run)' : ''}`,
    namespace,
    grouped(times),
    allowed ? Object.keys(codes).join(', ') : 'refused',
    source,
    deed.application ?? deed.workload ?? deed.pod ?? deed.agent?.split(' ')[0] ?? '',
  ]
}

function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}
