import { Unknown } from '../cel/error.ts'
import { cachedRegex } from '../cel/library/re2.ts'
import { restartWork } from '../cel/run/work.ts'
import { matchesGlob } from '../cluster/application/config.ts'

/** How a name is told: ours by globs, Polaris' by prefix, Kubescape's by a regular expression for the whole, case ignored. */
export type NamePattern =
  | { readonly kind: 'glob'; readonly text: string }
  | { readonly kind: 'prefix'; readonly text: string }
  | { readonly kind: 'regex'; readonly text: string }

export const glob = (text: string): NamePattern => ({ kind: 'glob', text })
export const prefix = (text: string): NamePattern => ({ kind: 'prefix', text })

/** A pattern of RE2, or what is wrong with it. */
export function regex(text: string): NamePattern | string {
  const compiled = cachedRegex(whole(text))
  return typeof compiled === 'string' ? compiled : { kind: 'regex', text }
}

/** Kubescape compares in lower case and anchors both ends (opa-utils/exceptions/comparator.go). */
const whole = (text: string): string => `(?i)^(?:${text})$`

export function fits(pattern: NamePattern, name: string): boolean {
  switch (pattern.kind) {
    case 'glob':
      return matchesGlob(pattern.text, name)
    case 'prefix':
      return name.startsWith(pattern.text)
    case 'regex':
      return fitsRegex(pattern.text, name)
    default:
      return pattern satisfies never
  }
}

function fitsRegex(text: string, name: string): boolean {
  const compiled = cachedRegex(whole(text))
  if (typeof compiled === 'string') return false
  const before = restartWork()
  try {
    return compiled.matches(name)
  } catch (error) {
    // Too much work to tell: what cannot be told to fit is not excepted.
    if (error instanceof Unknown) return false
    throw error
  } finally {
    restartWork(before)
  }
}

/** The name that the pattern stands for, where it stands for one. */
export function exactly(pattern: NamePattern): string | undefined {
  return pattern.kind === 'glob' && !/[*?]/.test(pattern.text) ? pattern.text : undefined
}

/** The pattern as a glob; undefined where no glob says the same. */
export function asGlob(pattern: NamePattern): string | undefined {
  if (pattern.kind === 'glob') return pattern.text
  if (pattern.kind === 'prefix') return /[*?]/.test(pattern.text) ? undefined : `${pattern.text}*`
  const plain = pattern.text.replaceAll('.*', '*')
  return /^[\w*:/-]*$/.test(plain) && !/[^.]\*/.test(pattern.text.replaceAll('.*', '.')) ? plain : undefined
}
