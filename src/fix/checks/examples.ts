import type { Cluster } from '../../cluster/cluster.ts'
import { annotationsOf, type KubeObject } from '../../cluster/object.ts'
import { bindingOf, definitionOf, isPolicy, isPolicyBinding } from '../../engines/policy/admission/definition.ts'
import { Evaluator, type PolicyVerdict } from '../../engines/policy/admission/evaluate.ts'
import type { ParamSource } from '../../engines/policy/admission/params.ts'
import { compileSet } from '../../engines/policy/admission/policy.ts'
import { beforeCreation, creations } from '../../engines/policy/admission/request.ts'
import { checkOf, type PolicyCheck, PREFIX } from '../../engines/policy/check.ts'
import { isMutatingPolicy, mutationOf } from '../../engines/policy/mutating/definition.ts'
import { Mutator } from '../../engines/policy/mutating/mutate.ts'
import { compileMutations } from '../../engines/policy/mutating/policy.ts'
import { LATEST_POD_SECURITY } from '../../engines/policy/selection.ts'
import { mend } from './mend.ts'

/** A policy with what it should say: the objects of the files beside it. */
export interface Examples {
  /** The policy, and what it is bound by and takes as params. */
  readonly policy: readonly KubeObject[]
  readonly good: readonly KubeObject[]
  readonly bad: readonly KubeObject[]
  readonly fix?: KubeObject
}

/** What was asked of one example. */
export interface ExampleResult {
  readonly object: KubeObject
  /** `good` passes, `bad` fails; `fixed`: the fix makes a bad one pass, and then finds nothing more to do. */
  readonly test: 'good' | 'bad' | 'fixed'
  readonly isRight: boolean
  /** Of a bad one what the policy says, of a wrong one why it is wrong; else empty. */
  readonly message: string
}

/** Of a bad example that its fix cannot make pass: why. */
const UNFIXABLE = `${PREFIX}unfixable`

/**
 * Asks the policy about its examples, in the language and with the types of Kubernetes 1.`minor`; its fix is read in the
 * newest language, as fixes are. Undefined where there is no policy.
 */
export function judgeExamples(examples: Examples, minor: number): readonly ExampleResult[] | undefined {
  const policy = examples.policy.find(isPolicy)
  if (!policy) return undefined
  const params = paramsIn(examples.policy)
  const request = creations(NOTHING, minor)
  const check = checkOf(policy)
  const evaluator = evaluatorOf(policy, check, examples.policy, params, minor)
  const judge = (object: KubeObject): readonly PolicyVerdict[] => evaluator.judge(request(object)).verdicts
  const mutator = examples.fix && mutatorOf(examples.fix, params, minor)
  const isTouched = (object: KubeObject): boolean =>
    mutator !== undefined && mutator.mutate(beforeCreation(request(object), minor)).steps.length > 0

  const good = examples.good.map((object): ExampleResult => {
    const [verdict] = judge(object)
    const message = verdict
      ? `${verdict.result}: ${verdict.message}`
      : isTouched(object)
        ? 'passes, and its fix changes it'
        : ''
    return { object, test: 'good', isRight: message === '', message }
  })
  const bad = examples.bad.flatMap((object): readonly ExampleResult[] => {
    const [verdict] = judge(object)
    const isRight = verdict?.result === 'fail' && !BROKEN.test(verdict.message)
    const message = verdict ? (isRight ? verdict.message : `${verdict.result}: ${verdict.message}`) : 'does not fail'
    const found: ExampleResult = { object, test: 'bad', isRight, message }
    if (!mutator || !isRight) return [found]
    const { body, left } = mend(object, NONE, {
      minor,
      request,
      judge,
      fixOf: (id) => (id === check.id ? mutator : undefined),
    })
    const why = left[0]?.why ?? (isTouched({ ...object, body }) ? 'its fix goes on changing it' : '')
    return [found, fixed(object, why)]
  })
  return [...good, ...bad]
}

/** An expression that fails denies as well, but says nothing about the object. */
const BROKEN = /resulted in error: |^compilation error: |^failed to configure /

function fixed(object: KubeObject, why: string): ExampleResult {
  const reason = annotationsOf(object.body).get(UNFIXABLE)
  if (reason === undefined) return { object, test: 'fixed', isRight: why === '', message: why }
  return why === ''
    ? { object, test: 'fixed', isRight: false, message: `is fixed, though ${UNFIXABLE} says that it cannot be` }
    : { object, test: 'fixed', isRight: true, message: reason }
}

const NONE: ReadonlyMap<string, string> = new Map()
const NOTHING: Pick<Cluster, 'namespaces' | 'ofKind'> = { namespaces: new Map(), ofKind: () => [] }

function evaluatorOf(
  policy: KubeObject,
  check: PolicyCheck,
  beside: readonly KubeObject[],
  params: ParamSource,
  minor: number,
): Evaluator {
  const set = compileSet([definitionOf(policy)], { minor, mode: 'stored' })
  const bindings = beside
    .filter(isPolicyBinding)
    .map(bindingOf)
    .filter((each) => each.policy === policy.name)
  const uses = set.policies.map((each) => ({
    check,
    policy: each,
    bindings: bindings.length === 0 ? ('everything' as const) : bindings,
  }))
  return new Evaluator(set, uses, params)
}

function mutatorOf(fix: KubeObject, params: ParamSource, minor: number): Mutator | undefined {
  if (!isMutatingPolicy(fix)) return undefined
  const set = compileMutations([mutationOf(fix)], { minor: LATEST_POD_SECURITY, mode: 'stored' })
  const uses = set.policies.map((policy) => ({ policy, bindings: 'everything' as const }))
  return new Mutator(set, uses, minor, params)
}

/** All that is there, which is all that there is. */
function paramsIn(objects: readonly KubeObject[]): ParamSource {
  const byKind = Map.groupBy(objects, ({ group, kind }) => `${group}/${kind}`)
  const find: ParamSource['find'] = ({ group, kind }) => byKind.get(`${group}/${kind}`) ?? []
  return { find, brought: find, isComplete: () => true }
}
