import { CelError } from '../error.ts'
import type { Library } from '../library.ts'
import { BOOL, INT, objectType, STRING, type Type } from '../type.ts'
import { int, type Opaque, type Value } from '../value.ts'
import { scan } from './cost.ts'
import { define, global, member, NOMINAL } from './define.ts'
import { compareVersions, parseNormalized, parseVersion, type Version, versionText } from './semver-text.ts'

const OF: Type = objectType('kubernetes.Semver')

export class Semver implements Opaque {
  readonly opaque = true
  readonly type: Type = OF
  readonly version: Version
  constructor(version: Version) {
    this.version = version
  }
  /** Build metadata do not count. Throws `CelError` for what is no version. */
  equals(other: Value): boolean {
    if (!(other instanceof Semver)) throw new CelError('no such overload')
    return compareVersions(this.version, other.version) === 0
  }
  toString(): string {
    return versionText(this.version)
  }
}

const parse = (text: Value, normalize: boolean): Version | string =>
  normalize ? parseNormalized(text as string) : parseVersion(text as string)

function semverOf(text: Value, normalize: boolean): Semver {
  const version = parse(text, normalize)
  if (typeof version === 'string') throw new CelError(version)
  return new Semver(version)
}

const isSemver = (text: Value, normalize: boolean): boolean => typeof parse(text, normalize) !== 'string'

const compare = (a: Value, b: Value): -1 | 0 | 1 => compareVersions((a as Semver).version, (b as Semver).version)

/** Go's conversion of a uint64: what 63 bits do not hold is negative. */
const signed = (number: bigint): Value => int(BigInt.asIntN(64, number)) as Value

const part = (name: 'major' | 'minor' | 'patch') =>
  define(name, NOMINAL, [member(`semver_${name}`, [OF], INT, (version) => signed((version as Semver).version[name]))])

/** k8s.io/apiserver pkg/cel/library/semverlib.go, version 1. */
export const SEMVER: readonly Library[] = [
  {
    name: 'kubernetes.Semver',
    since: 33,
    functions: [
      define('semver', scan, [
        global('string_to_semver', [STRING], OF, (text) => semverOf(text as Value, false)),
        global('string_bool_to_semver', [STRING, BOOL], OF, (text, normalize) =>
          semverOf(text as Value, normalize as boolean),
        ),
      ]),
      define('isSemver', scan, [
        global('is_semver_string', [STRING], BOOL, (text) => isSemver(text as Value, false)),
        global('is_semver_string_bool', [STRING, BOOL], BOOL, (text, normalize) =>
          isSemver(text as Value, normalize as boolean),
        ),
      ]),
      define('isGreaterThan', NOMINAL, [
        member('semver_is_greater_than', [OF, OF], BOOL, (a, b) => compare(a as Value, b as Value) > 0),
      ]),
      define('isLessThan', NOMINAL, [
        member('semver_is_less_than', [OF, OF], BOOL, (a, b) => compare(a as Value, b as Value) < 0),
      ]),
      define('compareTo', NOMINAL, [
        member('semver_compare_to', [OF, OF], INT, (a, b) => compare(a as Value, b as Value)),
      ]),
      part('major'),
      part('minor'),
      part('patch'),
    ],
  },
]
