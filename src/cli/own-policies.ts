import { at, field } from '../cluster/json.ts'
import type { KubeObject } from '../cluster/object.ts'
import { isPolicy, paramKindOf } from '../engines/policy/admission/definition.ts'
import { type Input, readInputs } from '../observe/files/read.ts'
import { plural } from '../prove/words.ts'
import { UsageError } from './exit.ts'
import { tellProblems } from './read.ts'

const ADMISSION = 'admissionregistration.k8s.io'

/** What `--policy` names; of several objects of one name the last counts. No policy at all would look like one that all objects pass. */
export async function ownPolicies(names: readonly string[], namespace: string | undefined): Promise<Input> {
  const own = await readInputs(names, {
    recursive: true,
    stdin: process.stdin,
    ...(namespace === undefined ? {} : { namespace }),
  })
  tellProblems(own.problems)
  const last = new Map(own.objects.map((object) => [object.id, object]))
  const objects = own.objects.filter((object) => last.get(object.id) === object)
  if (own.problems.length === 0 && !objects.some(isPolicy))
    throw new UsageError(`--policy ${names.join(', ')}: there is no ValidatingAdmissionPolicy`)
  return { ...own, objects }
}

/** Objects among them that nothing uses: of kinds that are no policy's, and bindings of policies that are not there. */
export function* unusedOf(objects: readonly KubeObject[], catalogue: readonly KubeObject[]): Generator<string> {
  const policies = objects.filter(({ group }) => group === ADMISSION)
  const names = new Set(policies.map(({ kind, name }) => `${kind} ${name}`))
  for (const { kind, name, body } of policies) {
    if (!kind.endsWith('Binding')) continue
    const bound = `${kind.slice(0, -'Binding'.length)} ${String(at(body, 'spec', 'policyName'))}`
    if (!names.has(bound)) yield `${kind} ${name} does nothing: there is no ${bound}`
  }
  const used = new Set(['apiextensions.k8s.io/CustomResourceDefinition', '/Namespace'])
  for (const { body } of [...catalogue, ...policies]) {
    const params = paramKindOf(field(at(body, 'spec'), 'paramKind'))
    if (params) used.add(`${params.group}/${params.kind}`)
  }
  const others = objects.filter(({ group, kind }) => group !== ADMISSION && !used.has(`${group}/${kind}`))
  for (const [kind, of] of Map.groupBy(others, ({ kind }) => kind))
    yield `--policy: ${plural(of.length, 'object')} of kind ${kind} not used: no policy of admission, and params of none`
}
