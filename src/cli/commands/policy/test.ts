import type { KubeObject } from '../../../cluster/object.ts'
import { DEFAULT_MINOR, parseMinor } from '../../../cluster/version.ts'
import { isPolicy } from '../../../engines/policy/admission/definition.ts'
import { checkOf } from '../../../engines/policy/check.ts'
import { isMutatingPolicy } from '../../../engines/policy/mutating/definition.ts'
import { refusalsOf } from '../../../engines/policy/refusal/refusals.ts'
import { LATEST_POD_SECURITY } from '../../../engines/policy/selection.ts'
import { type ExampleResult, judgeExamples } from '../../../fix/checks/examples.ts'
import { type ExampleFolder, exampleFolders, readExamples } from '../../../observe/examples.ts'
import { table } from '../../../report/table.ts'
import { clean } from '../../../report/text.ts'
import { EXIT, UsageError } from '../../exit.ts'
import { targetsOf, write } from '../../output.ts'
import { tellProblems } from '../../read.ts'
import { terminal } from '../../terminal.ts'

const FORMATS = ['table', 'json'] as const

export interface TestFlags {
  readonly output: readonly string[]
  readonly outputFile?: string
  readonly kubernetesVersion?: string
  readonly quiet?: boolean
}

/** A policy and what became of its examples. */
interface Tested {
  readonly policy: string
  readonly folder: string
  /** Why no API server would take the policy or its fix, or why there is nothing to test. */
  readonly refusals: readonly string[]
  readonly results: readonly ExampleResult[]
}

/** Runs the examples of policies: good ones pass, bad ones fail, and pass once they are fixed. */
export async function testPolicies(paths: readonly string[], flags: TestFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const folders = paths.flatMap(foldersOf)
  if (folders.length === 0) throw new UsageError(`no folder with a policy.yaml in ${paths.join(', ')}`)
  const given = flags.kubernetesVersion === undefined ? undefined : parseMinor(flags.kubernetesVersion)
  const all: Tested[] = []
  let isUnread = false
  for (const folder of [...new Set(folders)]) {
    const examples = await readExamples(folder)
    if (flags.quiet !== true) tellProblems(examples.problems)
    isUnread ||= examples.problems.length > 0
    all.push(tested(examples, given))
  }
  for (const target of targets)
    await write(
      target.format === 'json' ? [json(all)] : lines(all, terminal(process.stdout, target.file !== undefined).width),
      target,
    )
  if (isUnread) return EXIT.partial
  return all.every(isRight) ? EXIT.ok : EXIT.findings
}

function foldersOf(path: string): readonly string[] {
  try {
    return exampleFolders(path)
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`)
  }
}

/** Of a policy that says nothing of its release, the default one; the newest language is that of its fix. */
function tested(examples: ExampleFolder, given: number | undefined): Tested {
  const { folder } = examples
  const policy = examples.policy.find(isPolicy)
  const fix = examples.fix.find(isMutatingPolicy)
  if (!policy) return { policy: '', folder, refusals: ['policy.yaml holds no ValidatingAdmissionPolicy'], results: [] }
  const minimum = checkOf(policy).minimum
  const minor = given ?? Math.max(DEFAULT_MINOR, minimum)
  const refusals = [
    ...(minor < minimum ? [`needs Kubernetes v1.${minimum}, and is tested for v1.${minor}`] : []),
    ...examples.policy.flatMap((each) => refused(each, minor, examples.locate)),
    ...(fix ? refused(fix, LATEST_POD_SECURITY, examples.locateFix) : []),
    ...(examples.fix.length > 0 && !fix ? ['fix.yaml holds no MutatingAdmissionPolicy'] : []),
    ...(examples.good.length === 0 ? ['good.yaml holds no example'] : []),
    ...(examples.bad.length === 0 ? ['bad.yaml holds no example'] : []),
  ]
  const { good, bad } = examples
  const results = judgeExamples({ policy: examples.policy, good, bad, ...(fix ? { fix } : {}) }, minor) ?? []
  return { policy: policy.name, folder, refusals, results }
}

/** What the API server would answer to creating a policy or binding, with the place of each fault. */
function refused(policy: KubeObject, minor: number, locate: ExampleFolder['locate']): readonly string[] {
  return refusalsOf(policy, minor).map(({ path, field, message }) => {
    const place = policy.origin && locate(policy.origin, path)
    return `${place ? `${place.file}:${place.line}: ` : ''}${policy.kind} ${policy.name}: ${field}: ${message}`
  })
}

function isRight({ refusals, results }: Tested): boolean {
  return refusals.length === 0 && results.every((each) => each.isRight)
}

function* lines(all: readonly Tested[], width: number): Generator<string> {
  const columns = [
    { title: 'POLICY', least: 20 },
    { title: 'GOOD', right: true as const },
    { title: 'BAD', right: true as const },
    { title: 'FIXED', right: true as const },
    { title: 'RESULT' },
  ]
  const count = ({ results }: Tested, test: ExampleResult['test']): string => {
    const mine = results.filter((each) => each.test === test)
    return mine.length === 0 ? '-' : `${mine.filter((each) => each.isRight).length}/${mine.length}`
  }
  const rows = all.map((each) => [
    each.policy || each.folder,
    count(each, 'good'),
    count(each, 'bad'),
    count(each, 'fixed'),
    isRight(each) ? 'ok' : 'FAILS',
  ])
  for (const line of table(columns, rows, width)) yield `${line}\n`
  for (const each of all.filter((one) => !isRight(one))) {
    yield `\n${clean(`${each.policy || 'no policy'} (${each.folder})`)}\n`
    for (const why of each.refusals) yield `  ${clean(why)}\n`
    for (const result of each.results)
      if (!result.isRight) yield `  ${FILE[result.test]} ${nameOf(result.object)}: ${clean(result.message)}\n`
  }
  const examples = all.reduce((sum, { results }) => sum + results.length, 0)
  const wrong = all.filter((each) => !isRight(each)).length
  const told = wrong === 0 ? 'all as they should be' : several(wrong, 'policy fails', 'policies fail')
  yield `\n${several(all.length, 'policy', 'policies')}, ${several(examples, 'example', 'examples')}: ${told}\n`
}

const FILE: Readonly<Record<ExampleResult['test'], string>> = {
  good: 'good.yaml',
  bad: 'bad.yaml',
  fixed: 'fix.yaml of',
}

function several(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

function nameOf({ id }: KubeObject): string {
  return clean(id)
}

function json(all: readonly Tested[]): string {
  const items = all.map(({ policy, folder, refusals, results }) => ({
    policy,
    folder,
    refusals,
    examples: results.map(({ object, test, isRight: right, message }) => ({
      test,
      resource: {
        apiVersion: object.body.apiVersion,
        kind: object.kind,
        namespace: object.namespace,
        name: object.name,
      },
      result: right ? 'ok' : 'fails',
      ...(message === '' ? {} : { message }),
    })),
  }))
  return `${JSON.stringify({ apiVersion: 'bulkhead.dev/v1alpha1', kind: 'PolicyTests', items }, null, 2)}\n`
}
