import type { Because } from './cluster/because.ts'
import { buildCluster, type Cluster } from './cluster/cluster.ts'
import { at } from './cluster/json.ts'
import type { KubeObject } from './cluster/object.ts'
import { aliasFor, type Check, type Join, type Offence, type Verdict } from './engines/check.ts'
import { JOINS } from './engines/joins.ts'
import {
  bindingOf,
  definitionOf,
  isPolicy,
  isPolicyBinding,
  type PolicyBinding,
} from './engines/policy/admission/definition.ts'
import { Evaluator, type Judgement, type PolicyUse, type PolicyVerdict } from './engines/policy/admission/evaluate.ts'
import type { ParamSource } from './engines/policy/admission/params.ts'
import { compileSet, type Language } from './engines/policy/admission/policy.ts'
import { type AdmissionRequest, creations } from './engines/policy/admission/request.ts'
import { checkOf, type PolicyCheck } from './engines/policy/check.ts'
import { refusalsOf } from './engines/policy/refusal/refusals.ts'
import {
  catalogueChecks,
  inProfile,
  LATEST_POD_SECURITY,
  overriddenBy,
  type Profile,
} from './engines/policy/selection.ts'
import { ExceptionBook, type ExceptionListing, type GivenExceptions } from './exceptions/book.ts'
import type { Exception } from './exceptions/exception.ts'
import type { Input } from './observe/files/read.ts'

export interface CheckOptions {
  /** Undefined: none of the catalogue, only what the user brings. */
  readonly profile?: Profile
  /** Policy version v1.N of Pod Security; absent: the latest. */
  readonly podSecurity?: number
  /** `--checks`: only these ids, of all profiles. */
  readonly only?: ReadonlySet<string>
  /** The policies of `policies/`. */
  readonly catalogue: readonly KubeObject[]
  /** `--policy`: policies, bindings and params of the user. */
  readonly own?: readonly KubeObject[]
  /** `--kubernetes-version`. */
  readonly version?: string
  /** What the user gives beside the scan; what is scanned brings its own. Without it, none that expires holds. */
  readonly exceptions?: GivenExceptions
  /** Checks that the user brings and that are no policies: Polaris' custom checks. They are asked under every profile. */
  readonly joins?: readonly Join[]
  /** Severities of a Polaris configuration, by Polaris' ids; they count under its profile. */
  readonly severities?: ReadonlyMap<string, string>
  /** Whether items of passes are given as well; they are always counted. */
  readonly withPasses?: boolean
}

/** What one check says of one object. */
export interface CheckItem {
  readonly check: Check
  readonly object: KubeObject
  readonly result: 'pass' | 'fail' | 'unknown' | 'excepted'
  /** As the profile says it: `danger` and `warning` are Polaris' words. */
  readonly severity: string
  /** Empty for a pass. */
  readonly message: string
  readonly because: readonly Because[]
  /** Where the faults stand in the object as written, the first one first. */
  at(): readonly Offence[]
  /** Who accepted it: wholly, or of a failure, for containers that `at` does not name any more. */
  readonly exception?: Exception
  /** The baseline has it already (src/exceptions/baseline.ts). */
  readonly known?: true
}

export interface CheckResults {
  readonly cluster: Cluster
  /** The checks that were asked, by id. */
  readonly checks: ReadonlyMap<string, Check>
  /** In the order of the objects in the input, of one object by check id. */
  readonly items: readonly CheckItem[]
  readonly counts: ReadonlyMap<string, CheckCount>
  readonly exceptions: ExceptionListing
}

/** The answers, and who gave them, so that a changed object can be asked about as well. */
export interface CheckRun extends CheckResults {
  readonly params: ParamSource
  request(object: KubeObject): AdmissionRequest
  /** What the policies among the checks say of any object that does not pass; exceptions are not looked at. */
  judge(object: KubeObject): readonly PolicyVerdict[]
}

export interface CheckCount {
  pass: number
  fail: number
  unknown: number
  excepted: number
}

const NO_PLACES = (): readonly Offence[] => []
const NO_REASONS: readonly Because[] = []

/** Asks checks about every object of the input, documents of one id each for itself, and joins about the cluster that they make. */
export function runChecks(input: Input, options: CheckOptions): CheckRun {
  const cluster = buildCluster({
    objects: input.objects,
    listed: input.listed,
    locate: input.locate,
    ...(input.serverVersion === undefined ? {} : { serverVersion: input.serverVersion }),
    ...(options.version === undefined ? {} : { version: options.version }),
  })
  const { minor } = cluster.version
  const chosen = chooser(options)
  const catalogue = catalogueChecks(options.catalogue, options.podSecurity ?? LATEST_POD_SECURITY)
  const overridden = overriddenBy(catalogue)
  const ownKinds = new Set((options.own ?? []).map(({ group, kind }) => `${group}/${kind}`))
  const builtIn = catalogue.filter((check) => chosen(check, overridden) && isConfigured(check, ownKinds))
  const params = paramSource([...(options.own ?? []), ...input.objects], options.own ?? [])
  const evaluators = [
    // The catalogue is read in the newest language, whatever the cluster's: what it needs there is `minimum`.
    evaluator(builtIn, undefined, { minor: LATEST_POD_SECURITY, mode: 'stored', provenPatterns: true }, params),
    evaluator(ownChecks(options), options.own ?? [], { minor, mode: 'stored' }, params),
    evaluator(clusterChecks(cluster, options), cluster.objects, { minor, mode: 'stored' }, params, TREE_BUDGET),
  ].filter((each) => each !== undefined)

  const everyCheck = [
    ...catalogue,
    ...JOINS.map(({ check }) => check),
    ...evaluators.flatMap(({ uses }) => uses.map(({ check }) => check)),
    ...(options.joins ?? []).map(({ check }) => check),
  ]
  const book = new ExceptionBook(everyCheck, input.objects, input.locate, options.exceptions)
  const results = new Collector(options, book)
  const withPasses = options.withPasses === true
  const expanded = cluster.objects.filter(({ made }) => made)
  const objects = expanded.length === 0 ? input.objects : [...input.objects, ...expanded]
  const joined = verdictsByObject(cluster, objects, options, chosen)
  for (const check of joined.checks) results.add(check)
  for (const { uses } of evaluators) for (const { check } of uses) results.add(check)
  const request = creations(cluster, minor)
  const judged: Judgement[] = []
  for (let index = 0; index < objects.length; index++) {
    const object = objects[index] as KubeObject
    const made = request(object)
    for (let each = 0; each < evaluators.length; each++)
      judged[each] = (evaluators[each] as Judging).judge(made, withPasses)
    results.object(object, judged, joined.of(object))
  }
  results.passes(joined.passes)
  if (!withPasses) for (const { passes } of evaluators) results.passes(passes())
  const { checks, items, counts } = results
  return {
    cluster,
    checks,
    items,
    counts,
    exceptions: book.listing(new Set(checks.keys())),
    params,
    request,
    judge: (object) => evaluators.flatMap(({ judge }) => judge(request(object), false).verdicts),
  }
}

/** A check of the catalogue that needs params (allowed registries) says nothing before they are given. */
function isConfigured({ policy }: PolicyCheck, kinds: ReadonlySet<string>): boolean {
  const { paramKind } = definitionOf(policy)
  return paramKind === undefined || kinds.has(`${paramKind.group}/${paramKind.kind}`)
}

type Chosen = (check: Check, overridden: ReadonlySet<string>) => boolean

function chooser({ profile, only }: CheckOptions): Chosen {
  return (check, overridden) =>
    only ? only.has(check.id) : profile !== undefined && inProfile(check, profile, overridden)
}

interface Judging {
  readonly uses: readonly PolicyUse[]
  judge(request: AdmissionRequest, withPasses: boolean): Judgement
  passes(): ReadonlyMap<Check, number>
}

/** What the policies that the scanned input brings may cost together, in CEL's units: some ten seconds. */
const TREE_BUDGET = 300_000_000

/** `beside`: where bindings are looked for; a policy that none of them names is bound to everything. */
function evaluator(
  checks: readonly PolicyCheck[],
  beside: readonly KubeObject[] | undefined,
  language: Language,
  params: ParamSource,
  budget?: number,
): Judging | undefined {
  if (checks.length === 0) return undefined
  const set = compileSet(
    checks.map(({ policy }) => definitionOf(policy)),
    language,
  )
  const bindings = Map.groupBy((beside ?? []).filter(isPolicyBinding).map(bindingOf), ({ policy }) => policy)
  const uses = checks.map((check, index): PolicyUse => {
    const policy = set.policies[index]
    if (!policy) throw new Error('every check has its policy')
    const bound = bindings.get(policy.definition.name)
    // The catalogue is tested against the API server; what stands beside its bindings is somebody's.
    const made = beside ? [check.policy, ...(bound ?? []).map(({ object }) => object)] : []
    const refused = made.map((each) => refusalOf(each, language.minor)).find((each) => each !== undefined)
    return { check, policy, bindings: bound ?? 'everything', ...(refused === undefined ? {} : { refused }) }
  })
  const found = new Evaluator(set, uses, params, budget)
  return { uses, judge: (request, withPasses) => found.judge(request, withPasses), passes: () => found.passes() }
}

/** The first thing that the API server would have against a policy or binding; what has a uid, it has taken. */
function refusalOf(object: KubeObject, minor: number): string | undefined {
  if (at(object.body, 'metadata', 'uid') !== undefined) return undefined
  const [first] = refusalsOf(object, minor)
  return first && `${object.kind} ${object.name}: ${first.field}: ${first.message}`
}

function ownChecks({ own = [], only }: CheckOptions): readonly PolicyCheck[] {
  const checks = own.filter(isPolicy).map(checkOf)
  return only ? checks.filter(({ id }) => only.has(id)) : checks
}

/** Policies of the input are checks where the cluster enforces them: where a binding names them. */
function clusterChecks(cluster: Cluster, { profile, only }: CheckOptions): readonly PolicyCheck[] {
  if (profile !== 'default' && profile !== 'all' && !only) return []
  const bound = new Set(
    cluster.objects.filter(isPolicyBinding).map((binding): PolicyBinding['policy'] => bindingOf(binding).policy),
  )
  const checks = cluster.objects.filter((object) => isPolicy(object) && bound.has(object.name)).map(checkOf)
  return only ? checks.filter(({ id }) => only.has(id)) : checks
}

function paramSource(objects: readonly KubeObject[], own: readonly KubeObject[]): ParamSource {
  // Most runs have no policy with params.
  let byKind: ReadonlyMap<string, readonly KubeObject[]> | undefined
  const ownByKind = Map.groupBy(own, ({ group, kind }) => `${group}/${kind}`)
  return {
    find: ({ group, kind }) => {
      byKind ??= Map.groupBy(objects, (object) => `${object.group}/${object.kind}`)
      return byKind.get(`${group}/${kind}`) ?? []
    },
    brought: ({ group, kind }) => ownByKind.get(`${group}/${kind}`) ?? [],
    isComplete: ({ group, kind }) => ownByKind.has(`${group}/${kind}`),
  }
}

/** What joins say. */
interface Joined {
  /** Of joins that say something of any object, in the order in which they do, object by object. */
  readonly checks: readonly Check[]
  /** Passes that nobody asks for one by one. */
  readonly passes: ReadonlyMap<Check, number>
  of(object: KubeObject): JoinedObject
}

/** What joins say of one object; most say that it passes, which is told where it is asked for. */
interface JoinedObject {
  readonly verdicts: readonly Verdict[]
  readonly passed: readonly Check[]
}

const NO_VERDICTS: Verdict[] = []
const NO_CHECKS: Check[] = []
const NOT_JOINED: JoinedObject = { verdicts: NO_VERDICTS, passed: NO_CHECKS }

/** `objects`: those that are asked about. */
function verdictsByObject(
  cluster: Cluster,
  objects: readonly KubeObject[],
  options: CheckOptions,
  chosen: Chosen,
): Joined {
  const joins = [...JOINS.filter(({ check }) => chosen(check, NONE)), ...(options.joins ?? [])]
  const counted = options.withPasses === true ? undefined : new Set(objects)
  const byObject = new Map<KubeObject, { rank: number; isCounted: boolean; verdicts: Verdict[]; passed: Check[] }>()
  const passes = new Map<Check, number>()
  const checks: { check: Check; first: number }[] = []
  for (const join of joins) {
    let first = Number.POSITIVE_INFINITY
    let passed = 0
    for (const verdict of join.verdicts(cluster)) {
      const { object, result } = verdict
      let said = byObject.get(object)
      if (!said) {
        said = {
          rank: byObject.size,
          isCounted: counted?.has(object) === true,
          verdicts: NO_VERDICTS,
          passed: NO_CHECKS,
        }
        byObject.set(object, said)
      }
      if (said.rank < first) first = said.rank
      if (result !== 'pass') {
        if (said.verdicts === NO_VERDICTS) said.verdicts = [verdict]
        else said.verdicts.push(verdict)
      } else if (counted) {
        if (said.isCounted) passed++
      } else if (said.passed === NO_CHECKS) said.passed = [verdict.check]
      else said.passed.push(verdict.check)
    }
    if (passed > 0) passes.set(join.check, passed)
    if (first < byObject.size) checks.push({ check: join.check, first })
  }
  return {
    checks: checks.sort((a, b) => a.first - b.first).map(({ check }) => check),
    passes,
    of: (object) => byObject.get(object) ?? NOT_JOINED,
  }
}

const NONE: ReadonlySet<string> = new Set()

class Collector {
  readonly checks = new Map<string, Check>()
  readonly items: CheckItem[] = []
  readonly counts = new Map<string, CheckCount>()
  readonly #options: CheckOptions
  readonly #book: ExceptionBook

  constructor(options: CheckOptions, book: ExceptionBook) {
    this.#options = options
    this.#book = book
  }

  add(check: Check): void {
    this.checks.set(check.id, check)
    if (!this.counts.has(check.id)) this.counts.set(check.id, { pass: 0, fail: 0, unknown: 0, excepted: 0 })
  }

  object(object: KubeObject, judged: readonly Judgement[], joined: JoinedObject): void {
    const first = this.items.length
    for (let index = 0; index < judged.length; index++) {
      const { verdicts, passed } = judged[index] as Judgement
      for (let each = 0; each < verdicts.length; each++) {
        const { check, result, message, at } = verdicts[each] as PolicyVerdict
        this.#keep(first, object, check, result, message, NO_REASONS, at)
      }
      for (const check of passed) this.#keep(first, object, check, 'pass', '', NO_REASONS, NO_PLACES)
    }
    for (let each = 0; each < joined.verdicts.length; each++) {
      const { check, result, message, because, at } = joined.verdicts[each] as Verdict
      this.#keep(first, object, check, result, message, because, () => at)
    }
    for (const check of joined.passed) this.#keep(first, object, check, 'pass', '', NO_REASONS, NO_PLACES)
  }

  /** Among the items from `first` on, which are those of the object, behind those of smaller or equal ids. */
  #keep(
    first: number,
    object: KubeObject,
    check: Check,
    result: CheckItem['result'],
    message: string,
    because: CheckItem['because'],
    at: CheckItem['at'],
  ): void {
    const accepted = result === 'fail' ? this.#book.accepted(check, object, at) : undefined
    const left = accepted?.rest.length === 0 ? 'excepted' : result
    ;(this.counts.get(check.id) as CheckCount)[left]++
    const severity = this.#severity(check, object.kind)
    let item: CheckItem = { check, object, result: left, severity, message, because, at }
    if (accepted)
      item = { ...item, exception: accepted.exception, ...(left === 'fail' ? { at: () => accepted.rest } : {}) }
    const { items } = this
    let place = items.length
    while (place > first && (items[place - 1] as CheckItem).check.id > check.id) place--
    if (place === items.length) items.push(item)
    else items.splice(place, 0, item)
  }

  /** Passes that nobody asks for one by one. */
  passes(counts: ReadonlyMap<Check, number>): void {
    for (const [{ id }, count] of counts) (this.counts.get(id) as CheckCount).pass += count
  }

  #severity(check: Check, kind: string): string {
    const { profile, severities } = this.#options
    if (profile !== 'polaris' || !check.polaris) return check.severity
    const id = severities && aliasFor(check, 'polaris', kind)
    return (id !== undefined && severities?.get(id)) || check.polaris
  }
}
