import { ruleAllows, ruleGrants } from '../../authz/rules.ts'
import { type PolicyRule, type Role, subjectId } from '../../cluster/rbac.ts'
import type { Fix, FixContext, Proposer, Used, UsedRight } from '../fix.ts'
import { fixIds } from '../slug.ts'
import { fitting } from '../titles.ts'
import { bindingsOf, isInScope, nameOf, requestOf, rolesToFix } from './evidence.ts'
import { type Atom, editsOf, type NewRule, rulesFor, urlsOf } from './rules-edit.ts'
import { isUntold, needed } from './untold.ts'

/** Roles with only the rights that those who hold them were seen to use. */
export const reduceRole: Proposer = { kind: 'reduce-role', propose }

function* propose(context: FixContext): Generator<Fix> {
  const { used } = context
  if (!used) return
  const idFor = fixIds(reduceRole.kind)
  for (const role of rolesToFix(context)) {
    const rights = usedOf(context, role, used)
    const fix = rights && reduced(role, rights, idFor(role.object.id, role.namespace, role.name))
    if (fix) yield fix
  }
}

/** Uses of the role by all that it is bound to; undefined where the use of one of them is not known, or it has none. */
function usedOf({ policy }: FixContext, role: Role, used: Used): readonly UsedRight[] | undefined {
  const bindings = bindingsOf(policy, role)
  const rights: UsedRight[] = []
  for (const binding of bindings) {
    for (const subject of binding.subjects) {
      const own = used.rights(subjectId(subject))
      if (!own) return undefined
      rights.push(...own.filter((right) => isInScope(binding, right)))
    }
  }
  return bindings.length === 0 ? undefined : rights
}

function reduced(role: Role, rights: readonly UsedRight[], id: string): Fix | undefined {
  const uses = new Map<number, UsedRight[]>()
  for (const right of rights) {
    const rule = narrowest(role.rules, right)
    if (rule !== undefined) uses.set(rule, [...(uses.get(rule) ?? []), right])
  }
  const wanted = needed(rights)
  const rules = role.rules.map((rule, index) => reducedRule(rule, uses.get(index) ?? [], wanted))
  if (rules.every((rule) => rule === 'keep')) return undefined
  const times = [...uses.values()].flat()
  return {
    id,
    kind: reduceRole.kind,
    title:
      times.length === 0
        ? fitting(
            `Take from ${role.kind} ${nameOf(role)} its rights: none was used`,
            `Empty ${nameOf(role)}: none of its rights was used`,
          )
        : fitting(
            `Reduce ${role.kind} ${nameOf(role)} to the rights that were used`,
            `Reduce ${nameOf(role)} to the rights that were used`,
          ),
    changes: [{ action: 'edit', object: role.object, edits: editsOf(role, rules) }],
    witness: 'access',
    notes: notesOf(role, times, rules),
  }
}

/** A use is laid to the rule that allows the least else: by name, then without `*`, then the first. */
function narrowest(rules: readonly PolicyRule[], right: UsedRight): number | undefined {
  const request = requestOf(right)
  let best: number | undefined
  let least = Number.POSITIVE_INFINITY
  rules.forEach((rule, index) => {
    if (!ruleAllows(rule, request)) return
    const stars = [rule.verbs, rule.apiGroups, rule.resources].filter((each) => each.includes('*')).length
    const width = stars * 2 + (rule.resourceNames.length > 0 ? 0 : 1)
    if (width < least) [best, least] = [index, width]
  })
  return best
}

function reducedRule(rule: PolicyRule, uses: readonly UsedRight[], wanted: (atom: Atom) => boolean): NewRule {
  const atoms = new Map<string, Atom>()
  const add = (atom: Atom): void => void atoms.set(`${atom.verb} ${atom.group} ${atom.resource}`, atom)
  for (const { verb, group, resource, subresource } of uses.filter((each) => each.resource !== ''))
    add({ verb, group, resource: subresource === '' ? resource : `${resource}/${subresource}` })
  // What a rule says in so many words, and no request of its holder shows.
  for (const verb of rule.verbs)
    for (const group of rule.apiGroups)
      for (const resource of rule.resources)
        if (isUntold({ verb, group, resource }) || wanted({ verb, group, resource })) add({ verb, group, resource })
  const parts: PolicyRule[] = [...rulesFor(inRuleOrder(rule, [...atoms.values()]), rule.resourceNames)]
  // Checks of URLs are nearly all made by others, on the holder's behalf, and no edge rests on one.
  parts.push(...urlsOf(rule, rule.verbs, rule.nonResourceURLs))
  return isWhole(rule, [...atoms.values()]) ? 'keep' : parts
}

function inRuleOrder(rule: PolicyRule, atoms: readonly Atom[]): readonly Atom[] {
  const rank = (list: readonly string[], value: string): number =>
    (list.indexOf(value) + list.length + 1) % (list.length + 1)
  return [...atoms].sort(
    (a, b) =>
      rank(rule.resources, a.resource) - rank(rule.resources, b.resource) ||
      compare(a.resource, b.resource) ||
      rank(rule.verbs, a.verb) - rank(rule.verbs, b.verb) ||
      compare(a.verb, b.verb) ||
      compare(a.group, b.group),
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Whether each verb, on each resource of each group, stays. */
function isWhole(rule: PolicyRule, kept: readonly Atom[]): boolean {
  const atoms = new Set(kept.map(({ verb, group, resource }) => `${verb} ${group} ${resource}`))
  return rule.verbs.every((verb) =>
    rule.apiGroups.every((group) => rule.resources.every((resource) => atoms.has(`${verb} ${group} ${resource}`))),
  )
}

const FEW = 6

function notesOf(role: Role, uses: readonly UsedRight[], rules: readonly NewRule[]): readonly string[] {
  const times = new Map<string, number>()
  for (const { verb, group, resource, subresource, times: count } of uses.filter((each) => each.resource !== '')) {
    const combined = `${resource}${subresource === '' ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`
    times.set(`${verb} ${combined}`, (times.get(`${verb} ${combined}`) ?? 0) + count)
  }
  const most = [...times].sort(([a, x], [b, y]) => y - x || compare(a, b))
  const shown = most.slice(0, FEW).map(([right, count]) => `${right} (${count} times)`)
  const stays = rules.flatMap((rule, index) => (rule === 'keep' ? [role.rules[index] as PolicyRule] : rule))
  const keepsUntold = stays.some(
    (rule) =>
      rule.nonResourceURLs.length > 0 ||
      (role.rules.length > 0 && ruleGrants({ ...rule, nonResourceURLs: [] }, 'get', '', 'nodes', 'metrics')),
  )
  return [
    most.length === 0
      ? 'no allowed request of those who hold it was recorded'
      : `used: ${shown.join(', ')}${most.length > FEW ? ` and ${most.length - FEW} more` : ''}`,
    ...(keepsUntold ? ['rights that are checked without a request of the holder (URLs, metrics of nodes) stay'] : []),
  ]
}
