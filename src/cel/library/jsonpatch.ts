import type { Library } from '../library.ts'
import { DYN, objectType, STRING, type Type } from '../type.ts'
import { scan } from './cost.ts'
import { define, global } from './define.ts'

/** The message of which a JSONPatch mutation's expression gives a list (k8s.io/apiserver pkg/cel/mutation/jsonpatch.go). */
export const JSONPATCH_TYPE: Type = objectType('JSONPatch')

/** The message's fields and their types. */
export const JSONPATCH_FIELDS: ReadonlyMap<string, Type> = new Map([
  ['op', STRING],
  ['path', STRING],
  ['from', STRING],
  ['value', DYN],
])

/** RFC 6901's escape of a key within a JSON pointer. */
const escapeKey = (key: string): string => key.replace(/[~/]/g, (character) => (character === '~' ? '~0' : '~1'))

/** k8s.io/apiserver pkg/cel/library/jsonpatch.go: in the environment of mutating policies alone. */
export const JSONPATCH: readonly Library[] = [
  {
    name: 'kubernetes.jsonpatch',
    since: 32,
    functions: [
      define('jsonpatch.escapeKey', scan, [
        global('string_jsonpatch_escapeKey_string', [STRING], STRING, (key) => escapeKey(key as string)),
      ]),
    ],
  },
]
