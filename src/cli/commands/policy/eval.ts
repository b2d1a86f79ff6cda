import { runChecks } from '../../../checks.ts'
import { minorOf } from '../../../engines/policy/check.ts'
import type { Profile } from '../../../engines/policy/selection.ts'
import { readCatalogue } from '../../../observe/catalogue.ts'
import { readInputs } from '../../../observe/files/read.ts'
import type { Judged } from '../../../report/checks/judged.ts'
import { COMMAND, option, sameInput } from '../../again.ts'
import { acceptedBy, baselineOf, compared, type ExceptionFlags } from '../../exceptions.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { failsOn } from '../../fail-on.ts'
import { parseTargets, write } from '../../output.ts'
import { readCluster, tellProblems, tellVersion } from '../../read.ts'
import type { CommonFlags } from '../../run.ts'
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
  const given = flags.output.length === 0 ? ['table'] : flags.output
  const targets = parseTargets(given, flags.outputFile, EVAL_FORMATS)
  if (typeof targets === 'string') throw new UsageError(targets)
  const profile = flags.profile ?? (flags.policy ? undefined : 'default')
  const withPasses = flags.allResults === true || targets.some(({ format }) => needsPasses(format, profile))
  const { input, result, code } = await readCluster(
    flags,
    'Checking',
    (read) => checked({ ...flags, ...(profile === undefined ? {} : { profile }), allResults: withPasses }, read),
    { keepAll: true },
  )
  if (flags.quiet !== true) tellVersion(result.results.cluster.version.minor)
  const { files, count, problems, locate } = input
  const judged: Judged = {
    ...result,
    inputs: { files: files.length, objects: count, problems },
    locate,
    withPasses: flags.allResults === true,
    ...(flags.checks || profile === undefined ? {} : { profile }),
  }
  const options = { next: nextCommand(flags, profile), source: (flags.filename ?? []).join(', ') }
  for (const target of targets) await write(pieces(target, judged, options), target)
  return code === EXIT.ok && failsOn(judged.results.items, flags.failOn) ? EXIT.findings : code
}

async function checked(
  flags: EvalFlags,
  input: Parameters<typeof runChecks>[0],
): Promise<Pick<Judged, 'results' | 'fixable'>> {
  const catalogue = await readCatalogue()
  const own = flags.policy === undefined ? undefined : await readInputs(flags.policy, { recursive: true })
  if (own) tellProblems(own.problems)
  const podSecurity = flags.profileVersion === undefined ? undefined : minorOf(flags.profileVersion)
  const only = flags.checks && new Set(flags.checks.flatMap((each) => each.split(',')))
  const baseline = baselineOf(flags)
  const found = runChecks(input, {
    ...(await acceptedBy(flags, catalogue.policies, new Date())),
    catalogue: catalogue.policies,
    enforced: flags.enforced,
    withPasses: flags.allResults === true,
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    ...(podSecurity === undefined ? {} : { podSecurity }),
    ...(only ? { only } : {}),
    ...(own ? { own: own.objects } : {}),
    ...(flags.kubernetesVersion === undefined ? {} : { version: flags.kubernetesVersion }),
  })
  const mutations = (own?.objects ?? []).filter(({ kind }) => kind === 'MutatingAdmissionPolicy')
  const results = baseline ? { ...found, items: [...compared(found.items, baseline)] } : found
  return { results, fixable: new Set([...catalogue.fixes.keys(), ...mutations.map(({ name }) => name)]) }
}

/** The command that repairs what was found, on the same input and for the same checks. */
function nextCommand(flags: EvalFlags, profile: Profile | undefined): string {
  const { checks, policy = [], profileVersion } = flags
  return [
    `${COMMAND} fix --in-place`,
    ...sameInput(flags),
    ...(checks ? checks.flatMap((ids) => option('--checks', ids)) : option('--profile', profile)),
    ...option('--profile-version', profileVersion),
    ...policy.flatMap((path) => option('--policy', path)),
  ].join(' ')
}
