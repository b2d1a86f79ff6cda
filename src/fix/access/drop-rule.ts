import { type PolicyRule, type Role, subjectId } from '../../cluster/rbac.ts'
import { templateResources } from '../../engines/access/rules/templates.ts'
import { livesOn, runnersOf } from '../accounts.ts'
import type { Fix, FixContext, Proposer } from '../fix.ts'
import { isPartOfNode } from '../pods/agents.ts'
import { fixIds } from '../slug.ts'
import { fitting } from '../titles.ts'
import { isComponent } from './components.ts'
import { bindingsOf, evidenceOf, nameOf, rolesToFix } from './evidence.ts'
import { type Atom, editsOf, type NewRule, rulesFor, urlsOf } from './rules-edit.ts'
import { describeAll, isPerson, runsAs } from './subjects.ts'

/** Takes out of roles just what a step of an attacker rests on. */
export const dropRule: Proposer = { kind: 'drop-rule', propose }

function* propose(context: FixContext): Generator<Fix> {
  const idFor = fixIds(dropRule.kind)
  const { roles } = evidenceOf(context)
  const templates = new Set(templateResources(context.cluster).map(({ resource }) => resource))
  for (const role of rolesToFix(context)) {
    const held = heldBy(context, role)
    if (held === 'by the control plane') continue
    for (const [index, texts] of [...(roles.get(role.object.id) ?? [])].sort(([a], [b]) => a - b)) {
      const rule = role.rules[index]
      if (!rule) continue
      const rights = rightsIn(role, rule, texts)
      // Who lives on the role may do without one step of it, but hardly without a kind of object, or all.
      const isWhole = !rights || rule.verbs.includes('*')
      if (held === 'by who lives on it' && isWhole) continue
      const found = drops(rule, rights, templates)
      for (const drop of held === 'by who lives on it' && found.length > 1 ? found.slice(1) : found)
        yield fixOf(context, role, index, drop, idFor)
    }
  }
}

type Held = 'by the control plane' | 'by who lives on it' | 'by others'

function heldBy(context: FixContext, role: Role): Held {
  const holders = bindingsOf(context.policy, role).flatMap((binding) =>
    binding.subjects.map((subject) => ({ binding, subject })),
  )
  const isSystem = ({ subject }: (typeof holders)[number]): boolean =>
    isComponent(subject) ||
    runnersOf(context, subjectId(subject)).some((each) => each.namespace === 'kube-system' || isPartOfNode(each))
  if (holders.some(({ subject }) => isComponent(subject))) return 'by the control plane'
  const living = holders.filter(({ binding, subject }) => livesOn(context, binding, subject))
  if (living.some(isSystem)) return 'by the control plane'
  return living.length > 0 ? 'by who lives on it' : 'by others'
}

/** The words of an edge's evidence after the role (engines/access/rights.ts `whyRight`): `create pods/exec`. */
const RIGHT = /^allows (\S+) ([^\s,.]+)/

interface Right {
  readonly verb: string
  readonly resource: string
}

/** What edges rest on in a rule; undefined: it says `*` of resources, so that no part of it can go alone. */
function rightsIn(role: Role, rule: PolicyRule, texts: readonly string[]): readonly Right[] | undefined {
  const start = `${role.kind} ${role.name} `
  const found: Right[] = []
  for (const text of texts) {
    const [, verb, resource] = (text.startsWith(start) ? RIGHT.exec(text.slice(start.length)) : null) ?? []
    if (verb === undefined || resource === undefined || !names(rule, resource)) return undefined
    found.push({ verb, resource })
  }
  return found
}

/** Whether what the rule allows of a resource is allowed under its own name alone. */
function names({ resources }: PolicyRule, resource: string): boolean {
  const slash = resource.indexOf('/')
  const stars = slash < 0 ? ['*'] : ['*', `*${resource.slice(slash)}`]
  return resources.includes(resource) && !stars.some((each) => resources.includes(each))
}

const READS: readonly string[] = ['get', 'list', 'watch']
const WRITES: readonly string[] = ['update', 'patch']

/** An edge names one right; those by which the same step could be taken with the same rule go with it. */
function withKin(rule: PolicyRule, { verb, resource }: Right, templates: ReadonlySet<string>): ReadonlySet<string> {
  const isTemplate = verb === 'create' && templates.has(resource)
  const resources = isTemplate ? rule.resources.filter((each) => templates.has(each)) : [resource]
  // Of `*` no verb can be taken away, so that the resource goes; a subresource is one step, whatever the verb.
  const isAll = rule.verbs.includes('*') || resource.includes('/')
  const kin = READS.includes(verb) ? READS : WRITES.includes(verb) ? WRITES : [verb]
  const verbs = isAll ? rule.verbs : rule.verbs.filter((each) => kin.includes(each))
  return new Set(resources.flatMap((each) => verbs.map((one) => `${one} ${each}`)).sort())
}

interface Drop {
  readonly what: string
  readonly words: readonly string[]
  readonly rest: NewRule
}

/** All that is dangerous in a rule, and each step's part of it alone: one of them may be in use, and the others not. */
function drops(
  rule: PolicyRule,
  rights: readonly Right[] | undefined,
  templates: ReadonlySet<string>,
): readonly Drop[] {
  if (!rights) {
    const what = [...rule.verbs, ...rule.resources].map((each) => (each === '*' ? 'all' : each)).join('-')
    return [{ what, words: [`the rule on ${rule.resources.join(', ')}`], rest: [] }]
  }
  const parts = new Map(rights.map((right) => withKin(rule, right, templates)).map((part) => [[...part].join(), part]))
  const sets = [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part)
  const all = new Set(sets.flatMap((part) => [...part]))
  return (sets.length < 2 ? sets : [all, ...sets.filter((part) => part.size < all.size)]).map((gone) =>
    without(rule, gone),
  )
}

function without(rule: PolicyRule, gone: ReadonlySet<string>): Drop {
  const atoms = atomsOf(rule)
  const kept = atoms.filter(({ verb, resource }) => !gone.has(`${verb} ${resource}`))
  const lost = Map.groupBy(
    atoms.filter(({ verb, resource }) => gone.has(`${verb} ${resource}`)),
    ({ resource }) => resource,
  )
  const words = [...lost].map(
    ([resource, own]) => `${[...new Set(own.map(({ verb }) => verb))].join('/')} on ${resource}`,
  )
  const verbs = [...new Set([...lost.values()].flat().map(({ verb }) => (verb === '*' ? 'all' : verb)))]
  return {
    what: [...verbs, ...lost.keys()].join('-'),
    words,
    rest: [...rulesFor(kept, rule.resourceNames), ...urlsOf(rule, rule.verbs, rule.nonResourceURLs)],
  }
}

function atomsOf({ verbs, apiGroups, resources }: PolicyRule): readonly Atom[] {
  return resources.flatMap((resource) => verbs.flatMap((verb) => apiGroups.map((group) => ({ verb, group, resource }))))
}

function fixOf(
  context: FixContext,
  role: Role,
  index: number,
  { what, words, rest }: Drop,
  idFor: ReturnType<typeof fixIds>,
): Fix {
  const rules = role.rules.map((_, at): NewRule => (at === index ? rest : 'keep'))
  const all = bindingsOf(context.policy, role).flatMap((binding) =>
    binding.subjects.map((subject) => ({ subject, binding })),
  )
  const holders = [...new Map(all.map((each) => [subjectId(each.subject), each])).values()]
  return {
    id: idFor(`${role.object.id} ${what} ${index}`, role.namespace, role.name, what.replaceAll(/[^a-z0-9]+/g, '-')),
    kind: dropRule.kind,
    title: titleOf(role, words),
    changes: [{ action: 'edit', object: role.object, edits: editsOf(role, rules) }],
    witness: 'access',
    notes:
      holders.length === 0
        ? ['nobody is bound to the role']
        : [
            ...holders
              .filter(({ subject }) => !isPerson(subject))
              .slice(0, FEW)
              .map(({ binding, subject }) => failing(runsAs(context, binding, subject))),
            `held by ${describeAll(holders.map(({ subject }) => subject))}`,
          ],
  }
}

const FEW = 3

function failing(runs: string): string {
  return runs.startsWith('no workload') ? runs : `${runs}, and will fail where it uses this`
}

function titleOf(role: Role, words: readonly string[]): string {
  const name = nameOf(role)
  const [first = ''] = words
  const more = words.length > 1 ? ` and ${words.length - 1} more` : ''
  return fitting(
    `Take ${words.join(', ')} out of ${role.kind} ${name}`,
    `Take ${words.join(', ')} out of ${name}`,
    `Take ${first}${more} out of ${name}`,
  )
}
