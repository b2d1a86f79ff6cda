import { builtInKinds, type StructSchema, schemaOf } from '../../../cluster/admitted/schema.ts'
import { pluralOf } from '../../../cluster/kinds.ts'
import type { Rule } from '../admission/definition.ts'

export interface RuleKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly schema: StructSchema
}

/** So many kinds of one rule are looked at. */
const MOST_KINDS = 10

/**
 * The built-in kinds that rules name, sorted: a rule with a wildcard group or version names none, wildcards and
 * subresources neither (validating/typechecking.go typesToCheck). The core group, which is empty, stands for any.
 */
export function kindsOfRules(rules: readonly Rule[], minor: number): readonly RuleKind[] {
  const found = new Map<string, RuleKind>()
  for (const rule of rules) {
    if ([...rule.groups, ...rule.versions].some((each) => each.includes('*'))) continue
    const resources = rule.resources.filter((each) => !/[*/]/.test(each)).sort()
    let count = 0
    for (const group of [...rule.groups].sort())
      for (const version of [...rule.versions].sort())
        for (const resource of resources)
          for (const each of served(group, version, resource, minor)) {
            found.set(`${each.group}/${each.version}/${each.kind}`, each)
            if (++count === MOST_KINDS) return sorted(found)
          }
  }
  return sorted(found)
}

function sorted(kinds: ReadonlyMap<string, RuleKind>): readonly RuleKind[] {
  const text = ({ group, version, kind }: RuleKind) => `${group}\0${version}\0${kind}`
  return [...kinds.values()].sort((a, b) => (text(a) < text(b) ? -1 : 1))
}

const NO_DEFINITIONS = { ofKind: () => [] }
const known = new Map<number, ReadonlyMap<string, readonly RuleKind[]>>()

function served(group: string, version: string, resource: string, minor: number): readonly RuleKind[] {
  const all = known.get(minor) ?? byPlural(minor)
  known.set(minor, all)
  return (all.get(`${version}/${resource}`) ?? []).filter((each) => group === '' || each.group === group)
}

function byPlural(minor: number): ReadonlyMap<string, readonly RuleKind[]> {
  const kinds = builtInKinds().flatMap((text): readonly RuleKind[] => {
    const [kind = '', version = '', group = ''] = text.split('/').reverse()
    const schema = schemaOf(group, version, kind, minor)
    return schema ? [{ group, version, kind, schema }] : []
  })
  return Map.groupBy(kinds, ({ group, version, kind }) => `${version}/${pluralOf(group, kind, NO_DEFINITIONS)}`)
}
