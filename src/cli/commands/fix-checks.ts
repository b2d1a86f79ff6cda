import { type CheckItem, type CheckRun, runChecks } from '../../checks.ts'
import { at, field, list, string } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { JOINS } from '../../engines/joins.ts'
import { isPolicy } from '../../engines/policy/admission/definition.ts'
import { checkOf } from '../../engines/policy/check.ts'
import { isMutatingPolicy, mutationOf } from '../../engines/policy/mutating/definition.ts'
import { Mutator } from '../../engines/policy/mutating/mutate.ts'
import { compileMutations } from '../../engines/policy/mutating/policy.ts'
import { LATEST_POD_SECURITY, type Profile } from '../../engines/policy/selection.ts'
import { type Failing, type MendedFiles, mendFiles } from '../../fix/checks/files.ts'
import type { Fix } from '../../fix/fix.ts'
import { patchedFiles } from '../../fix/patches.ts'
import { readCatalogue } from '../../observe/catalogue.ts'
import { CHANGED } from '../../observe/files/locate.ts'
import { type Input, readInputs } from '../../observe/files/read.ts'
import { toApply } from '../../report/plan.ts'
import { clean } from '../../report/text.ts'
import { yamlText } from '../../report/yaml.ts'
import { acceptedBy } from '../exceptions.ts'
import { UsageError } from '../exit.ts'
import { targetsOf, write } from '../output.ts'
import { podSecurityOf } from '../pod-security.ts'
import { readCluster, tellProblems, tellVersion } from '../read.ts'
import { changeInPlace, type FixFlags } from './fix.ts'

const FORMATS = ['diff', 'yaml', 'json', 'name'] as const

/** Mends what fails checks, in the files or as patches of them. */
export async function fixChecks(flags: FixFlags): Promise<number> {
  for (const [name, value] of [
    ['--plan', flags.plan],
    ['--id', flags.id],
    ['--history', flags.history],
    ['--write', flags.write],
  ] as const)
    if (value !== undefined)
      throw new UsageError(`${name} is of the plan; --profile and --checks fix what fails checks`)
  const targets = targetsOf(flags, FORMATS)
  const { input, result, code } = await readCluster(flags, 'Fixing', (read) => mended(flags, read), { keepAll: true })
  const { run, files, fixes, mendings, left } = result
  const note = (text: string): void => {
    if (flags.quiet !== true) process.stderr.write(`${clean(text)}\n`)
  }
  const stale = left.find(({ why }) => why.includes(CHANGED))
  if (stale) throw new UsageError(`${stale.why}; nothing was written`)
  if (flags.quiet !== true) tellVersion(run.cluster.version.minor)
  const unpatched = files.unpatched()
  if (flags.inPlace === true) {
    const [first] = unpatched
    if (first !== undefined)
      throw new UsageError(`${first} cannot be changed in place; -o yaml gives the objects to apply`)
    changeInPlace(files, input, flags, note)
  } else {
    if (unpatched.length > 0 && targets.some(({ format }) => format === 'diff'))
      note(`no patches of ${unpatched.join(', ')}, only of files as they are; -o yaml gives the objects to apply`)
    const start = patchedFiles({ names: input.files, bytes: input.bytes }, input.objects)
    for (const target of targets) {
      const pieces =
        target.format === 'diff'
          ? files.since(start).map(({ diff }) => diff)
          : target.format === 'name'
            ? fixes.map(({ id, title }) => `${id}\t${clean(title)}\n`)
            : objectPieces(fixes, target.format, note)
      await write(pieces, target)
    }
  }
  tellLeft(left, note)
  const excepted = run.items.filter(({ result }) => result === 'excepted').length
  const changed = files.changed().size
  const where = `${several(mendings.length, 'object')}${changed === 0 ? '' : ` of ${several(changed, 'file')}`}`
  const did = `${flags.inPlace === true ? 'fixed' : 'would fix'} ${several(fixes.length, 'failure')} in ${where}`
  note(`${did}; ${left.length} not fixed${excepted === 0 ? '' : `, ${excepted} excepted`}`)
  return code
}

async function mended(flags: FixFlags, input: Input): Promise<MendedFiles & { readonly run: CheckRun }> {
  const catalogue = readCatalogue()
  const own = flags.policy === undefined ? [] : await ownPolicies(flags.policy)
  const only = flags.checks && new Set(flags.checks.flatMap((each) => each.split(',')).filter((each) => each !== ''))
  const known = new Set([...catalogue.policies, ...own.filter(isPolicy)].map((each) => checkOf(each).id))
  for (const { check } of JOINS) known.add(check.id)
  for (const id of only ?? []) if (!known.has(id)) throw new UsageError(`no check has the id ${id}`)
  const podSecurity = podSecurityOf(flags)
  const profile: Profile | undefined = flags.profile
  const run = runChecks(input, {
    ...(await acceptedBy(flags, catalogue.policies, new Date())),
    catalogue: catalogue.policies,
    ...(profile === undefined ? {} : { profile }),
    ...(podSecurity === undefined ? {} : { podSecurity }),
    ...(only ? { only } : {}),
    ...(own.length > 0 ? { own } : {}),
    ...(flags.kubernetesVersion === undefined ? {} : { version: flags.kubernetesVersion }),
  })
  const fixOf = mutators(new Map([...catalogue.fixes, ...own.filter(isMutatingPolicy).map(named)]), run)
  const { failing, left } = sorted(run.items)
  const files = patchedFiles({ names: input.files, bytes: input.bytes }, input.objects)
  const workshop = { minor: run.cluster.version.minor, request: run.request, judge: run.judge, fixOf }
  const made = mendFiles(files, failing, workshop)
  return { ...made, left: [...left, ...made.left], run }
}

async function ownPolicies(paths: readonly string[]): Promise<readonly KubeObject[]> {
  const { objects, problems } = await readInputs(paths, { recursive: true, keepAll: true })
  tellProblems(problems)
  return objects
}

const named = (fix: KubeObject): readonly [string, KubeObject] => [fix.name, fix]

/** Fixes run offline whatever the cluster's version, so they are read in the newest language. */
export function mutators(
  fixes: ReadonlyMap<string, KubeObject>,
  run: CheckRun,
): (check: string) => Mutator | undefined {
  const ids = [...fixes.keys()]
  const set = compileMutations([...fixes.values()].map(mutationOf), { minor: LATEST_POD_SECURITY, mode: 'stored' })
  const made = new Map<string, Mutator>()
  return (check) => {
    const policy = set.policies[ids.indexOf(check)]
    if (!policy) return undefined
    const mutator =
      made.get(check) ?? new Mutator(set, [{ policy, bindings: 'everything' }], run.cluster.version.minor, run.params)
    made.set(check, mutator)
    return mutator
  }
}

type Left = MendedFiles['left'][number]

/** What may be mended, by object, and what may not. */
function sorted(items: readonly CheckItem[]): { readonly failing: readonly Failing[]; readonly left: readonly Left[] } {
  const failing: Failing[] = []
  const left: Left[] = []
  for (const [object, all] of Map.groupBy(items, (item) => item.object)) {
    const failures = all.filter(({ result }) => result === 'fail')
    const owner = controllerOf(object)
    const spared = new Map<string, string>()
    for (const { check, result, exception } of all) {
      const why =
        owner !== undefined
          ? `made by ${owner}: change that`
          : exception && result === 'fail'
            ? 'part of it is excepted, so what is left is fixed by hand'
            : !('policy' in check)
              ? 'it takes several objects'
              : undefined
      if (result === 'fail' && why !== undefined) left.push({ object, check, why })
      if (result === 'excepted' || why !== undefined) spared.set(check.id, why ?? 'excepted')
    }
    if (failures.some(({ check }) => !spared.has(check.id))) failing.push({ object, spared })
  }
  return { failing, left }
}

/** What a controller makes is made again. */
function controllerOf({ body }: KubeObject): string | undefined {
  const owner = list(at(body, 'metadata', 'ownerReferences')).find((each) => field(each, 'controller') === true)
  return owner === undefined
    ? undefined
    : `${string(field(owner, 'kind')) ?? 'a controller'} ${string(field(owner, 'name')) ?? ''}`
}

/** Documents of one id are objects of their own here. */
function objectPieces(
  fixes: readonly Fix[],
  format: 'yaml' | 'json' | string,
  note: (text: string) => void,
): readonly string[] {
  const objects = [...Map.groupBy(fixes, ({ changes }) => changes[0]?.object)].flatMap(([object, mine]) => {
    if (object?.kind === 'Secret' && object.group === '') {
      note(`${object.id} is not given: values of Secrets are not kept; --in-place changes its file`)
      return []
    }
    return toApply(mine).objects
  })
  if (format === 'json') return [`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`]
  return [objects.map((each) => yamlText(each as object)).join('---\n')]
}

const SHOWN = 3

/** A line for each reason and check, with the first objects. */
function tellLeft(left: readonly Left[], note: (text: string) => void): void {
  const groups = Map.groupBy(left, ({ check, why }) => `${check.id}: ${why}`)
  for (const [text, all] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const names = all.slice(0, SHOWN).map(({ object }) => object.id)
    const more = all.length - names.length
    note(`not fixed: ${text}: ${names.join(', ')}${more === 0 ? '' : ` and ${more} more`}`)
  }
}

function several(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
