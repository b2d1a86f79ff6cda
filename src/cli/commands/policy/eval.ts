import { type CheckResults, type CheckRun, runChecks } from '../../../checks.ts'
import type { Path } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Check } from '../../../engines/check.ts'
import { JOINS } from '../../../engines/joins.ts'
import { checkOf } from '../../../engines/policy/check.ts'
import { refusalsOf } from '../../../engines/policy/refusal/refusals.ts'
import type { Profile } from '../../../engines/policy/selection.ts'
import { readCatalogue } from '../../../observe/catalogue.ts'
import type { Input } from '../../../observe/files/read.ts'
import type { Judged } from '../../../report/checks/judged.ts'
import { clean } from '../../../report/text.ts'
import { COMMAND, option, sameInput } from '../../again.ts'
import { acceptedBy, baselineOf, compared, type ExceptionFlags } from '../../exceptions.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { failsOn } from '../../fail-on.ts'
import type { CommonFlags } from '../../options.ts'
import { targetsOf, write } from '../../output.ts'
import { ownPolicies, unusedOf } from '../../own-policies.ts'
import { podSecurityOf } from '../../pod-security.ts'
import { readCluster, tellVersion } from '../../read.ts'
import { EVAL_FORMATS, needsPasses, pieces } from './outputs.ts'

export interface EvalFlags extends CommonFlags, Pick<ExceptionFlags, 'exceptions' | 'polarisConfig' | 'baseline'> {
  readonly profile?: Profile
  readonly profileVersion?: string
  readonly checks?: readonly string[]
  readonly policy?: readonly string[]
  readonly allResults?: boolean
  readonly failOn?: string
}

/** Asks checks about every object of the input. */
export async function evaluate(flags: EvalFlags): Promise<number> {
  const targets = targetsOf(flags, EVAL_FORMATS)
  const profile = flags.profile ?? (flags.policy ? undefined : 'default')
  const withPasses = flags.allResults === true || targets.some(({ format }) => needsPasses(format, profile))
  // SARIF alone carries repairs.
  const withRepairs = targets.some(({ format }) => format === 'sarif')
  const {
    input,
    result,
    code: read,
  } = await readCluster(
    flags,
    'Checking',
    (read) => checked({ ...flags, ...(profile === undefined ? {} : { profile }), allResults: withPasses }, read),
    { keepAll: true, places: true, readOnly: !withRepairs },
  )
  if (flags.quiet !== true) tellVersion(result.results.cluster.version.minor)
  const code = result.isWhole || flags.allowPartial === true ? read : EXIT.partial
  const { files, count, problems, locate } = input
  const judged: Judged = {
    results: result.results,
    fixable: new Set(result.fixes.keys()),
    inputs: { files: files.length, objects: count, problems },
    locate,
    withPasses: flags.allResults === true,
    ...(flags.checks || profile === undefined ? {} : { profile }),
  }
  const options = {
    next: nextCommand(flags, profile),
    source: (flags.filename ?? []).join(', '),
    // What mends objects is much code.
    ...(withRepairs ? { fixOf: (await import('./replacements.ts')).replacer(input, result.run, result.fixes) } : {}),
  }
  for (const target of targets) await write(await pieces(target, judged, options), target)
  return code === EXIT.ok && failsOn(judged.results.items, flags.failOn) ? EXIT.findings : code
}

interface Checked {
  readonly run: CheckRun
  /** The same, with what the baseline has marked. */
  readonly results: CheckResults
  /** Mutations by the id of their check. */
  readonly fixes: ReadonlyMap<string, KubeObject>
  /** Whether all that --policy names was read. */
  readonly isWhole: boolean
}

async function checked(flags: EvalFlags, input: Parameters<typeof runChecks>[0]): Promise<Checked> {
  const catalogue = readCatalogue()
  const own = flags.policy === undefined ? undefined : await ownPolicies(flags.policy, flags.namespace)
  const podSecurity = podSecurityOf(flags)
  const only = flags.checks && new Set(flags.checks.flatMap((each) => each.split(',')).filter((id) => id !== ''))
  const baseline = baselineOf(flags)
  const found = runChecks(input, {
    ...(await acceptedBy(flags, catalogue.policies, new Date())),
    catalogue: catalogue.policies,
    withPasses: flags.allResults === true,
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    ...(podSecurity === undefined ? {} : { podSecurity }),
    ...(only ? { only } : {}),
    ...(own ? { own: own.objects } : {}),
    ...(flags.kubernetesVersion === undefined ? {} : { version: flags.kubernetesVersion }),
  })
  if (own) await tellPolicies(own, found.cluster.version.minor, flags.quiet === true)
  if (own && flags.quiet !== true)
    for (const text of unusedOf(own.objects, catalogue.policies)) process.stderr.write(`${clean(text)}\n`)
  if (only) tellNotAsked(only, found.checks, catalogue.policies, flags.quiet === true)
  const mutations = (own?.objects ?? []).filter(({ kind }) => kind === 'MutatingAdmissionPolicy')
  const results = baseline ? { ...found, items: [...compared(found.items, baseline)] } : found
  const fixes = new Map([...catalogue.fixes, ...mutations.map((fix) => [fix.name, fix] as const)])
  return { run: found, results, fixes, isWhole: own === undefined || own.problems.length === 0 }
}

/**
 * What the API server would answer to policies and bindings of the user, which are not evaluated then; and which of their
 * fields no kind has that they match, as `status.typeChecking` would say it.
 */
async function tellPolicies({ objects, locate }: Input, minor: number, isQuiet: boolean): Promise<void> {
  const { certainWarnings } = await import('../../../engines/policy/typing/type-warnings.ts')
  const tell = (object: KubeObject, path: Path, text: string): void => {
    const place = object.origin && locate(object.origin, path)
    const at = place ? `${place.file}:${place.line}:${place.column}: ` : ''
    process.stderr.write(`${clean(`${at}${object.kind} ${object.name} ${text}`)}\n`)
  }
  for (const object of objects) {
    const refusals = refusalsOf(object, minor)
    for (const { path, field, message } of refusals) tell(object, path, `is refused: ${field}: ${message}`)
    if (isQuiet || refusals.length > 0) continue
    for (const { path, kind, message } of certainWarnings(object, minor))
      tell(object, path, `may be wrong: of a ${kind}: ${message.split('\n', 1)[0]?.replace('ERROR: <input>:', '')}`)
  }
}

/** An id that no check has would look like a check that nothing fails. */
function tellNotAsked(
  only: ReadonlySet<string>,
  asked: ReadonlyMap<string, Check>,
  catalogue: readonly KubeObject[],
  isQuiet: boolean,
): void {
  const policies = new Set(catalogue.map((policy) => checkOf(policy).id))
  const joins = new Set(JOINS.map(({ check }) => check.id))
  for (const id of only) {
    if (asked.has(id) || joins.has(id)) continue
    if (!policies.has(id)) throw new UsageError(`no check has the id ${id}; policy list names them`)
    if (!isQuiet)
      process.stderr.write(`${id} was not asked: it needs params (--policy), or another --profile-version\n`)
  }
}

/** The command that repairs what was found, on the same input and for the same checks. */
function nextCommand(flags: EvalFlags, profile: Profile | undefined): string {
  const { checks, policy = [], profileVersion, exceptions = [], polarisConfig } = flags
  return [
    `${COMMAND} fix --in-place`,
    ...sameInput(flags),
    ...(checks ? checks.flatMap((ids) => option('--checks', ids)) : option('--profile', profile)),
    ...option('--profile-version', profileVersion),
    ...policy.flatMap((path) => option('--policy', path)),
    ...exceptions.flatMap((path) => option('--exceptions', path)),
    ...option('--polaris-config', polarisConfig),
  ].join(' ')
}
