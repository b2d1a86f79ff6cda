import { goQuote } from './text.ts'

/** A semantic version. No comparison asks for its build metadata. */
export interface Version {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  readonly prerelease: readonly (bigint | string)[]
  /** With the `+`; empty: none. */
  readonly build: string
}

const UINT64 = 2n ** 64n

/** Go's strconv.ParseUint of digits, or its error. */
function parseUint(digits: string): bigint | string {
  if (digits === '') return 'strconv.ParseUint: parsing "": invalid syntax'
  const value = digits.length > 20 ? UINT64 : BigInt(digits)
  return value < UINT64 ? value : `strconv.ParseUint: parsing ${goQuote(digits)}: value out of range`
}

const isNumeric = (text: string): boolean => /^[0-9]*$/.test(text)
const isAlphanumeric = (text: string): boolean => /^[0-9A-Za-z-]*$/.test(text)
const hasLeadingZero = (text: string): boolean => text.length > 1 && text[0] === '0'

function component(name: string, text: string): bigint | string {
  if (!isNumeric(text)) return `Invalid character(s) found in ${name.toLowerCase()} number ${goQuote(text)}`
  if (hasLeadingZero(text)) return `${name} number must not contain leading zeroes ${goQuote(text)}`
  return parseUint(text)
}

function identifier(text: string): bigint | string | { readonly error: string } {
  if (text === '') return { error: 'Prerelease is empty' }
  if (!isNumeric(text)) {
    return isAlphanumeric(text) ? text : { error: `Invalid character(s) found in prerelease ${goQuote(text)}` }
  }
  if (hasLeadingZero(text))
    return { error: `Numeric PreRelease version must not contain leading zeroes ${goQuote(text)}` }
  const number = parseUint(text)
  return typeof number === 'string' ? { error: number } : number
}

/** A text in at most three parts. */
function inThree(text: string): readonly string[] {
  const parts = text.split('.')
  return parts.length <= 3 ? parts : [parts[0] as string, parts[1] as string, parts.slice(2).join('.')]
}

/** github.com/blang/semver v4 Parse, or what it has against the text. */
export function parseVersion(text: string): Version | string {
  if (text === '') return 'Version string empty'
  const [majorText, minorText, rest] = inThree(text)
  if (majorText === undefined || minorText === undefined || rest === undefined)
    return 'No Major.Minor.Patch elements found'
  const major = component('Major', majorText)
  if (typeof major === 'string') return major
  const minor = component('Minor', minorText)
  if (typeof minor === 'string') return minor
  const [numbered, build] = cut(rest, '+')
  const [patchText, prereleaseText] = cut(numbered, '-')
  const patch = component('Patch', patchText)
  if (typeof patch === 'string') return patch
  const prerelease: (bigint | string)[] = []
  for (const part of prereleaseText?.split('.') ?? []) {
    const parsed = identifier(part)
    if (typeof parsed === 'object') return parsed.error
    prerelease.push(parsed)
  }
  return buildError(build) ?? { major, minor, patch, prerelease, build: build === undefined ? '' : `+${build}` }
}

function buildError(build: string | undefined): string | undefined {
  for (const part of build?.split('.') ?? []) {
    if (part === '') return 'Build meta data is empty'
    if (!isAlphanumeric(part)) return `Invalid character(s) found in build meta data ${goQuote(part)}`
  }
  return undefined
}

function cut(text: string, separator: string): readonly [before: string, after?: string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** Without a `v`, with zeros for what is missing, without leading zeros (semverlib.go, normalizeAndParse). */
export function parseNormalized(text: string): Version | string {
  const parts = inThree(text.startsWith('v') ? text.slice(1) : text).map(withoutZeros)
  if (parts.length < 3 && /[+-]/.test(parts[parts.length - 1] as string)) {
    return 'short version cannot contain PreRelease/Build meta data'
  }
  while (parts.length < 3) parts.push('0')
  return parseVersion(parts.join('.'))
}

function withoutZeros(part: string): string {
  if (part.length <= 1) return part
  const rest = part.replace(/^0+/, '')
  return /^[0-9]/.test(rest) ? rest : `0${rest}`
}

/** Precedence of semver.org, section 11. */
export function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return order(b.prerelease.length === 0 ? 0 : 1, a.prerelease.length === 0 ? 0 : 1)
  }
  const length = Math.min(a.prerelease.length, b.prerelease.length)
  for (let i = 0; i < length; i++) {
    const difference = compareIdentifiers(a.prerelease[i] as bigint | string, b.prerelease[i] as bigint | string)
    if (difference !== 0) return difference
  }
  return order(a.prerelease.length, b.prerelease.length)
}

const order = (a: number, b: number): -1 | 0 | 1 => (a < b ? -1 : a > b ? 1 : 0)

function compareIdentifiers(a: bigint | string, b: bigint | string): -1 | 0 | 1 {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1
  return a === b ? 0 : a < b ? -1 : 1
}

/** `1.2.3-rc.1+build`. */
export function versionText({ major, minor, patch, prerelease, build }: Version): string {
  return `${major}.${minor}.${patch}${prerelease.length === 0 ? '' : `-${prerelease.join('.')}`}${build}`
}
