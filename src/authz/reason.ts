import type { Subject, SubjectKind } from '../cluster/rbac.ts'

/** The binding that the reason of an allowed request names. */
export interface BindingOfReason {
  readonly kind: 'RoleBinding' | 'ClusterRoleBinding'
  /** Empty for a ClusterRoleBinding. */
  readonly namespace: string
  readonly name: string
  readonly roleKind: string
  readonly roleName: string
  /** As the binding names it; the namespace of a service account is told even where the binding leaves it out. */
  readonly subject: Subject
}

const HEAD = 'RBAC: allowed by '
const SUBJECTS: ReadonlySet<string> = new Set<SubjectKind>(['User', 'Group', 'ServiceAccount'])

/**
 * Reads `authorization.k8s.io/reason` as RBAC writes it (pkg/registry/rbac/validation/rule.go): `RoleBinding "name/ns" of
 * Role "r" to ServiceAccount "name/ns"`, each text quoted as Go's %q. Undefined for anything else: other authorizers,
 * denials, and a reason that was cut.
 */
export function bindingOfReason(reason: string): BindingOfReason | undefined {
  return reason.startsWith(HEAD) ? bindingOfDescription(reason, HEAD.length) : undefined
}

/** A binding described as RBAC does it, from a place in a text to its end. */
export function bindingOfDescription(reason: string, from: number): BindingOfReason | undefined {
  const reader = { text: reason, at: from }
  const kind = word(reader)
  if (kind !== 'RoleBinding' && kind !== 'ClusterRoleBinding') return undefined
  const bound = quotedText(reader)
  if (bound === undefined || !literal(reader, ' of ')) return undefined
  const roleKind = word(reader)
  const roleName = quotedText(reader)
  if (roleName === undefined || !literal(reader, ' to ')) return undefined
  const subjectKind = word(reader)
  const told = quotedText(reader)
  if (told === undefined || reader.at !== reason.length || !SUBJECTS.has(subjectKind)) return undefined
  const [name, namespace] = kind === 'RoleBinding' ? nameAndNamespace(bound) : [bound, '']
  const [who, home] = subjectKind === 'ServiceAccount' ? nameAndNamespace(told) : [told, '']
  return {
    kind,
    namespace,
    name,
    roleKind,
    roleName,
    subject: { kind: subjectKind as SubjectKind, name: who, namespace: home },
  }
}

interface Reader {
  readonly text: string
  at: number
}

/** Namespaces have no slash; no name of an object has one either, but a reason is text that someone may have written. */
function nameAndNamespace(text: string): readonly [string, string] {
  const slash = text.lastIndexOf('/')
  return slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)]
}

/** Up to a space, which is passed. */
function word(reader: Reader): string {
  const end = reader.text.indexOf(' ', reader.at)
  if (end < 0) return ''
  const found = reader.text.slice(reader.at, end)
  reader.at = end + 1
  return found
}

function literal(reader: Reader, expected: string): boolean {
  if (!reader.text.startsWith(expected, reader.at)) return false
  reader.at += expected.length
  return true
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
}
const DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** A text in double quotes as strconv.Quote writes it; undefined when it is none. */
function quotedText(reader: Reader): string | undefined {
  const { text } = reader
  if (text[reader.at] !== '"') return undefined
  let made = ''
  for (let at = reader.at + 1; at < text.length; at++) {
    const char = text[at] as string
    if (char === '"') {
      reader.at = at + 1
      return made
    }
    if (char !== '\\') {
      made += char
      continue
    }
    const sign = text[++at] ?? ''
    const digits = Object.hasOwn(DIGITS, sign) ? (DIGITS[sign] as number) : 0
    if (digits > 0) {
      const hex = text.slice(at + 1, at + 1 + digits)
      const code = hex.length === digits && /^[0-9a-fA-F]+$/.test(hex) ? Number.parseInt(hex, 16) : -1
      if (code < 0 || code > 0x10_ffff) return undefined
      // `\xff` is a byte that is not UTF-8.
      made += sign === 'x' && code > 0x7f ? '\uFFFD' : String.fromCodePoint(code)
      at += digits
    } else if (Object.hasOwn(ESCAPES, sign)) made += ESCAPES[sign]
    else return undefined
  }
  return undefined
}
