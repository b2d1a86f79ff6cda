import type { TypeProvider } from '../../../cel/check/provider.ts'
import { CelError } from '../../../cel/error.ts'
import { JSONPATCH_FIELDS, JSONPATCH_TYPE } from '../../../cel/library/jsonpatch.ts'
import { DYN, objectType, type Type } from '../../../cel/type.ts'
import type { Opaque, Value } from '../../../cel/value.ts'

/**
 * What expressions of mutations make: `Object.spec{…}` and `JSONPatch{…}` (k8s.io/apiserver pkg/cel/mutation). They are
 * no maps: nothing in them is read again by an expression.
 */
abstract class Made implements Opaque {
  readonly opaque = true
  readonly type: Type
  readonly fields: ReadonlyMap<string, Value>

  constructor(type: Type, fields: ReadonlyMap<string, Value>) {
    this.type = type
    this.fields = fields
  }

  equals(other: Value): boolean {
    return (
      other instanceof Made &&
      typeName(other) === typeName(this) &&
      other.fields.size === this.fields.size &&
      [...this.fields].every(([name, value]) => isSame(value, other.fields.get(name)))
    )
  }
}

/** `Object.spec.containers{…}`: its type is named after its place in the object. */
export class MadeObject extends Made {}

/** `JSONPatch{op, path, from, value}`. */
export class MadePatch extends Made {
  text(name: 'op' | 'path' | 'from'): string {
    const value = this.fields.get(name)
    return typeof value === 'string' ? value : ''
  }
}

export function typeName({ type }: Opaque): string {
  return type.kind === 'object' ? type.name : type.kind
}

function isSame(a: Value, b: Value | undefined): boolean {
  if (a === b) return true
  return a instanceof Made && b !== undefined && a.equals(b)
}

/** cel-go prints a field that a type does not have as one of no type. */
const NO_TYPE = objectType('')

/** Any field of an Object may be set; what is right is checked when the value is used. */
export const MADE_TYPES: Required<TypeProvider> = {
  findType: (name) =>
    name === 'JSONPatch'
      ? JSONPATCH_TYPE
      : name === 'Object' || name.startsWith('Object.')
        ? objectType(name)
        : undefined,
  findField: (type, field) => (type === 'JSONPatch' ? (JSONPATCH_FIELDS.get(field) ?? NO_TYPE) : DYN),
  makeValue: (type, fields) => {
    if (type !== 'JSONPatch') return new MadeObject(objectType(type), fields)
    for (const [name, value] of fields)
      if (name !== 'value' && typeof value !== 'string')
        throw new CelError(`unexpected type ${typeof value} for JSONPatchType '${name}' field`)
    return new MadePatch(JSONPATCH_TYPE, fields)
  },
}

/** Each Object in an Object must be of the type that its place has; the first complaint, or undefined. */
export function misplaced(value: MadeObject): string | undefined {
  const complaints: string[] = []
  const visit = (each: Value, path: string, depth: number): void => {
    if (depth > MAX_DEPTH) return
    if (each instanceof MadeObject) {
      const name = typeName(each)
      if (name !== path)
        complaints.push(
          `unexpected type name ${JSON.stringify(name)}, expected ${JSON.stringify(path)}, which matches field name path from root Object type`,
        )
      for (const [field, inner] of each.fields) visit(inner, `${path}.${field}`, depth + 1)
    } else if (Array.isArray(each)) for (const item of each as readonly Value[]) visit(item, path, depth + 1)
  }
  visit(value, typeName(value), 0)
  return complaints.length === 0 ? undefined : `type mismatch: ${complaints.join('\n')}`
}

/** Values nest no deeper than the expressions that make them; those of an object are plain JSON, and not looked into. */
const MAX_DEPTH = 300
