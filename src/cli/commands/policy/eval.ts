import { type CheckResults, runChecks } from '../../../checks.ts'
import { minorOf } from '../../../engines/policy/check.ts'
import type { Profile } from '../../../engines/policy/selection.ts'
import { readCatalogue } from '../../../observe/catalogue.ts'
import { readInputs } from '../../../observe/files/read.ts'
import { policyResults } from '../../../report/checks/results.ts'
import { witness } from '../../../report/evidence.ts'
import { jsonLines } from '../../../report/json.ts'
import { UsageError } from '../../exit.ts'
import { parseTargets, write } from '../../output.ts'
import { readCluster, tellProblems, tellVersion } from '../../read.ts'
import type { CommonFlags } from '../../run.ts'

const FORMATS = ['json'] as const

export interface EvalFlags extends CommonFlags {
  readonly profile?: Profile
  readonly profileVersion?: string
  readonly checks?: readonly string[]
  readonly policy?: readonly string[]
  readonly allResults?: boolean
}

/** Asks checks about every object of the input. */
export async function evaluate(flags: EvalFlags): Promise<number> {
  const targets = parseTargets(flags.output.length === 0 ? ['json'] : flags.output, flags.outputFile, FORMATS)
  if (typeof targets === 'string') throw new UsageError(targets)
  const { input, result, code } = await readCluster(flags, 'Checking', (read) => checked(flags, read), {
    keepAll: true,
  })
  if (flags.quiet !== true) tellVersion(result.cluster.version.minor)
  for (const target of targets) await write(jsonLines(policyResults(result, witness(input.locate))), target)
  return code
}

async function checked(flags: EvalFlags, input: Parameters<typeof runChecks>[0]): Promise<CheckResults> {
  const catalogue = await readCatalogue()
  const own = flags.policy === undefined ? undefined : await readInputs(flags.policy, { recursive: true })
  if (own) tellProblems(own.problems)
  const podSecurity = flags.profileVersion === undefined ? undefined : minorOf(flags.profileVersion)
  const only = flags.checks && new Set(flags.checks.flatMap((each) => each.split(',')))
  const profile = flags.profile ?? (own ? undefined : 'default')
  return runChecks(input, {
    catalogue: catalogue.policies,
    enforced: flags.enforced,
    withPasses: flags.allResults === true,
    ...(profile === undefined ? {} : { profile }),
    ...(podSecurity === undefined ? {} : { podSecurity }),
    ...(only ? { only } : {}),
    ...(own ? { own: own.objects } : {}),
    ...(flags.kubernetesVersion === undefined ? {} : { version: flags.kubernetesVersion }),
  })
}
