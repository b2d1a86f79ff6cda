import { at, field, isObject, type Json, type Path } from '../cluster/json.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { Locate } from '../cluster/origin.ts'
import { podSpecPath } from '../engines/policy/offence.ts'
import { type Exception, type ExceptionNote, isDay } from './exception.ts'

interface Read {
  readonly checks: readonly string[]
  readonly reason: string
  readonly owner?: string
  readonly expires?: string
}

/** What one annotation excepts: nothing where it is none of ours or switched off; a text where it is malformed. */
type Reader = (key: string, value: string) => Read | undefined | string

const OWN = 'bulkhead.dev/except.'
const POLARIS = 'polaris.fairwinds.com/'
const KUBE_LINTER = 'ignore-check.kube-linter.io/'

/** An ignore of everything is carried over to the checks that its tool has, and to no others. */
const READERS: readonly (readonly [prefix: string, read: Reader])[] = [
  [OWN, ours],
  [POLARIS, polaris],
  [KUBE_LINTER, (key, value) => foreign('kube-linter', [key.slice(KUBE_LINTER.length)], value)],
  [
    'kube-linter.io/ignore-all',
    (key, value) => (key === 'kube-linter.io/ignore-all' ? { checks: ['kube-linter:*'], reason: value } : undefined),
  ],
  ['kube-score/ignore', (key, value) => (key === 'kube-score/ignore' ? kubeScore(value) : undefined)],
  ['checkov.io/skip', (_, value) => checkov(value)],
  [
    'kubescape.io/ignore',
    (key, value) =>
      key === 'kubescape.io/ignore' && value === 'true' ? { checks: ['kubescape:*'], reason: '' } : undefined,
  ],
]

/** Of most annotations there is none. */
function readerOf(key: string): Reader | undefined {
  for (const [start, reader] of READERS) if (key.startsWith(start)) return reader
  return undefined
}

function keysOf(pairs: Json | undefined): readonly string[] {
  return isObject(pairs) ? Object.keys(pairs) : []
}

/** The label that Kubescape reads as its annotation. */
const KUBESCAPE: readonly string[] = ['kubescape.io/ignore']

/** The annotations of an object, of its pod template, and Kubescape's label, that accept verdicts about it. */
export function annotatedExceptions(
  object: KubeObject,
  locate: Locate,
): { readonly exceptions: readonly Exception[]; readonly notes: readonly ExceptionNote[] } {
  const exceptions: Exception[] = []
  const notes: ExceptionNote[] = []
  const read = (pairs: Json | undefined, path: Path, keys: readonly string[]): void => {
    for (const key of keys) {
      const reader = readerOf(key)
      const value = reader && field(pairs, key)
      if (!reader || typeof value !== 'string') continue
      const found = reader(key, value)
      if (found === undefined) continue
      const place = () => (object.origin ? locate(object.origin, [...path, key]) : undefined)
      if (typeof found === 'string') {
        const location = place()
        notes.push({ kind: 'malformed', text: `${key} of ${object.id}: ${found}`, ...(location ? { location } : {}) })
      } else exceptions.push(made(object, key, found, place))
    }
  }
  const metadata = field(object.body, 'metadata')
  const annotations = field(metadata, 'annotations')
  read(annotations, ['metadata', 'annotations'], keysOf(annotations))
  read(field(metadata, 'labels'), ['metadata', 'labels'], KUBESCAPE)
  const template = podSpecPath(object.body).slice(0, -1)
  if (template.length > 0) {
    const path = [...template, 'metadata', 'annotations']
    const ofTemplate = at(object.body, ...path)
    read(ofTemplate, path, keysOf(ofTemplate))
  }
  return { exceptions, notes }
}

function made(object: KubeObject, key: string, read: Read, place: NonNullable<Exception['place']>): Exception {
  const { checks, reason, owner, expires } = read
  return {
    name: `${key} of ${object.id}`,
    kind: 'annotation',
    from: 'tree',
    resources: [],
    checks,
    reason: reason.trim(),
    ...(owner === undefined ? {} : { owner }),
    expires: expires ?? 'never',
    place,
  }
}

/** `bulkhead.dev/except.CHECK: "reason; owner; 2027-01-01"`. The reason may hold semicolons, so it is read from the end. */
function ours(key: string, value: string): Read | string {
  const check = key.slice(OWN.length)
  const parts = value.split(';').map((part) => part.trim())
  const expires = parts.pop() ?? ''
  const owner = parts.pop() ?? ''
  const reason = parts.join('; ')
  if (check === '') return 'it names no check'
  if (reason === '' || owner === '') return 'it is not "reason; owner; YYYY-MM-DD"'
  if (expires !== 'never' && !isDay(expires)) return 'it ends neither with a day (YYYY-MM-DD) nor with never'
  return { checks: [check], reason, owner, expires }
}

/** Polaris compares with the text "true", case ignored (pkg/validator/schema.go hasExemptionAnnotation). */
function polaris(key: string, value: string): Read | string | undefined {
  if (value.toLowerCase() !== 'true') return undefined
  const name = key.slice(POLARIS.length)
  if (name === 'exempt') return { checks: ['polaris:*'], reason: '' }
  return name.endsWith('-exempt') ? foreign('polaris', [name.slice(0, -'-exempt'.length)], '') : undefined
}

function kubeScore(value: string): Read | string | undefined {
  const ids = value
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
  return ids.length === 0 ? undefined : foreign('kube-score', ids, '')
}

/** `ID=reason`, or the id alone. */
function checkov(value: string): Read | string {
  const equals = value.indexOf('=')
  const id = (equals < 0 ? value : value.slice(0, equals)).trim()
  return foreign('checkov', [id], equals < 0 ? '' : value.slice(equals + 1))
}

/** Ids of another tool are names, never globs. */
function foreign(tool: string, ids: readonly string[], reason: string): Read | string {
  if (ids.some((id) => id === '' || /[*?]/.test(id))) return 'it names no check'
  return { checks: ids.map((id) => `${tool}:${id}`), reason }
}
