import type { DefinitionProblem } from '../../cluster/definitions/problem.ts'
import { spanOf } from '../../cluster/expiry.ts'
import { formatPath, type Json } from '../../cluster/json.ts'
import { idParts, type KubeObject } from '../../cluster/object.ts'
import type { SubjectKind } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import type { DefinitionChange, DefinitionChanges } from '../../engines/access/expand/changes.ts'
import type { Lost } from '../../engines/access/expand/lost.ts'
import type { Witness } from '../evidence.ts'
import type { ReportProof } from '../plan.ts'
import { proofLines } from '../proof-text.ts'
import { API_VERSION } from '../report.ts'
import type { Terminal } from '../style.ts'
import { table, wrap } from '../table.ts'
import { clean, counted } from '../text.ts'
import { yamlText } from '../yaml.ts'
import { timeText } from './window.ts'

/** What `access expand` found, before it is a document. */
export interface Expanded {
  /** Milliseconds since 1970: grants that expire hold or do not at that time. */
  readonly asOf: number
  readonly definitions: number
  readonly objects: readonly KubeObject[]
  readonly ended: readonly { readonly object: KubeObject; readonly state: 'not-begun' | 'expired' }[]
  readonly problems: readonly DefinitionProblem[]
  /** Undefined where no cluster was given to compare with. */
  readonly changes: Omit<DefinitionChanges, 'problems'> | undefined
  /** Undefined where no history was given. */
  readonly lost: readonly Lost[] | undefined
  readonly proof: ReportProof | undefined
}

/** A stream of documents, as `kubectl apply` takes it: the same bytes for the same definitions and namespaces. */
export function* expandedYaml({ objects }: Expanded): Generator<string> {
  for (const { body } of objects) yield `---\n${yamlText(body)}`
}

export function expandedDocument(found: Expanded, { locate }: Witness): object {
  const { asOf, objects, ended, problems, changes, lost, proof } = found
  return {
    apiVersion: API_VERSION,
    kind: 'Expanded',
    asOf: timeText(asOf),
    items: objects.map(({ body }) => body),
    problems: problems.map(({ check, severity, object, path, message }) => ({
      check,
      severity,
      definition: object.name,
      path: formatPath(path),
      message,
      ...(locate(object, path) ?? {}),
    })),
    ended: ended.map(({ object, state }) => ({ ...nameOf(object), state, ...timesOf(object) })),
    ...(changes
      ? {
          changes: changes.changes.map((change) => changeItem(change)),
          unchanged: changes.unchanged,
          kept: changes.kept.map(({ object, why }) => ({ ...nameOf(object), why })),
        }
      : {}),
    ...(lost
      ? {
          lost: lost.map(({ subject, rights }) => ({
            subject: subjectOf(subject),
            rights: rights.map(({ last, ...right }) => ({ ...right, last: timeText(last) })),
          })),
        }
      : {}),
    ...(proof ? { proof } : {}),
  }
}

function changeItem({ action, object, definition, what, patch, manager }: DefinitionChange): object {
  return {
    action,
    ...nameOf(object),
    definition,
    what,
    ...(patch === undefined ? {} : { patch }),
    ...(manager === undefined ? {} : { manager }),
  }
}

function nameOf({ kind, namespace, name, made }: KubeObject): Record<string, Json> {
  return {
    kind,
    ...(namespace === '' ? {} : { namespace }),
    name,
    ...(made === undefined ? {} : { definition: made.by.name }),
  }
}

function timesOf(object: KubeObject): Record<string, Json> {
  const { starts, expires } = spanOf(object)
  return {
    ...(starts === undefined ? {} : { starts: timeText(starts) }),
    ...(expires === undefined ? {} : { expires: timeText(expires) }),
  }
}

/** For a screen, where nothing has fractions. */
function shown(time: number): string {
  return timeText(time).replace('.000Z', 'Z')
}

function subjectOf(id: string): string {
  const { kind, namespace, name } = idParts(id)
  return subjectText({ kind: kind as SubjectKind, namespace, name })
}

function placeOf({ kind, namespace, name }: KubeObject): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
}

const MOST_ROWS = 200

/** For a terminal: the objects, or what would change; then what is wrong, and who would lose what. */
export function expandedLines(found: Expanded, at: Witness, term: Terminal): readonly string[] {
  const { objects, ended, problems, changes, lost, proof, definitions, asOf } = found
  const lines: string[] = []
  const rows = changes ? changes.changes.map(changeRow) : objects.map(objectRow)
  const columns = changes
    ? [{ title: 'ACTION' }, { title: 'OBJECT', least: 30 }, { title: 'WHAT', least: 24 }]
    : [
        { title: 'OBJECT', least: 30 },
        { title: 'ROLE', least: 16 },
        { title: 'SUBJECTS', least: 16 },
        { title: 'UNTIL' },
      ]
  if (rows.length > 0) lines.push(...table(columns, rows.slice(0, MOST_ROWS), term.width))
  if (rows.length > MOST_ROWS) lines.push(term.dim(`and ${rows.length - MOST_ROWS} more: -o json`))
  const sum = `${counted(objects.length, 'object')} of ${counted(definitions, 'definition')} at ${shown(asOf)}`
  const same = changes && changes.unchanged > 0 ? `; ${changes.unchanged} of them there as they should be` : ''
  lines.push(...(rows.length > 0 ? [''] : []), ...wrap(`${capital(sum)}${same}.`, term.width))
  const section = (title: string, items: readonly string[]): void => {
    if (items.length > 0) lines.push('', term.bold(title))
    for (const item of items.slice(0, MOST_ROWS)) lines.push(...wrap(item, term.width, '  ', '- '))
    if (items.length > MOST_ROWS) lines.push(term.dim(`and ${items.length - MOST_ROWS} more: -o json`))
  }
  section(
    'What rbac-manager would do instead',
    (changes?.changes ?? []).flatMap(({ object, manager }) => (manager ? [`${placeOf(object)}: ${manager}`] : [])),
  )
  section(
    'Left as it is',
    (changes?.kept ?? []).map(({ object, why }) => `${placeOf(object)}: ${why}`),
  )
  section(
    'Does not hold at that time',
    ended.map(({ object, state }) => {
      const { starts = 0, expires = 0 } = spanOf(object)
      return `${placeOf(object)}: ${state === 'expired' ? `expired ${shown(expires)}` : `begins ${shown(starts)}`}`
    }),
  )
  section(
    'Problems',
    problems.map((each) => problemText(each, at)),
  )
  section(
    'Who would lose what they used',
    (lost ?? []).flatMap(({ subject, rights }) => rights.map((right) => `${subjectOf(subject)}: ${rightText(right)}`)),
  )
  if (proof) lines.push('', ...proofLines(proof, term))
  return lines
}

/** What is left out or may not be meant, a line each, for standard error. */
export function problemLines({ problems }: Expanded, at: Witness): readonly string[] {
  const told = problems.filter(({ severity }) => severity !== 'note').map((each) => clean(problemText(each, at)))
  return told.length > MOST_LINES
    ? [...told.slice(0, MOST_LINES), `and ${told.length - MOST_LINES} more: -o json`]
    : told
}

const MOST_LINES = 20

function problemText({ severity, object, path, message }: DefinitionProblem, { locate }: Witness): string {
  const place = locate(object, path)
  const where = place ? `${place.file}:${place.line}` : object.name
  return `${severity}: ${where} ${formatPath(path)}: ${message}`
}

function changeRow({ action, object, what }: DefinitionChange): readonly string[] {
  return [action, placeOf(object), what.join('; ')]
}

function objectRow(object: KubeObject): readonly string[] {
  const { roleRef, subjects } = object.body as { roleRef?: { kind: string; name: string }; subjects?: readonly Json[] }
  const { expires = 0 } = spanOf(object)
  const bound = (subjects ?? []).map((each) => {
    const { kind, name, namespace } = each as { kind: SubjectKind; name: string; namespace?: string }
    return subjectText({ kind, name, namespace: namespace ?? object.namespace })
  })
  return [placeOf(object), roleRef ? `${roleRef.kind} ${roleRef.name}` : '', bound.join(','), shown(expires)]
}

function rightText({
  verb,
  group,
  resource,
  subresource,
  namespace,
  name,
  path,
  times,
  last,
}: Lost['rights'][number]): string {
  const type = `${resource}${subresource === '' ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`
  const what =
    resource === '' ? path : `${type}${name === '' ? '' : ` ${name}`}${namespace === '' ? '' : ` in ${namespace}`}`
  return `${verb} ${what} (${counted(times, 'time')}, last ${shown(last)})`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
