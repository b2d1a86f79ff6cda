import { type Json, type JsonObject, object } from '../../../cluster/json.ts'
import { isNamespaced } from '../../../cluster/kinds.ts'
import { selects } from '../../../cluster/labels.ts'
import { type KubeObject, labelsOf } from '../../../cluster/object.ts'
import type { Definition, ParamKind, ParamRef } from './definition.ts'

/** The objects that policies may take as params. */
export interface ParamSource {
  find(kind: ParamKind): readonly KubeObject[]
  /** Those that came with the policies: a policy that nothing binds takes these, and never what happens to lie in the input. */
  brought(kind: ParamKind): readonly KubeObject[]
  /** Whether an object that is not there does not exist: its kind was listed, or the policy came with its params. */
  isComplete(kind: ParamKind): boolean
}

export type Params =
  /** Evaluate once for each; null is the value of `params` where the binding names none. */
  | { readonly values: readonly (JsonObject | null)[] }
  /** The failure policy decides. */
  | { readonly error: string }
  | { readonly unknown: string }

/** k8s.io/apiserver pkg/admission/plugin/policy/generic/policy_dispatcher.go CollectParams. */
export function paramsOf(
  definition: Definition,
  ref: ParamRef | undefined,
  namespace: string,
  source: ParamSource,
): Params {
  const { paramKind } = definition
  if (paramKind === undefined || ref === undefined) return { values: [null] }
  const scoped = isNamespaced(paramKind.group, paramKind.kind)
  const all = source.find(paramKind)
  const isClusterWide = scoped === false || (scoped === undefined && all.some((each) => each.namespace === ''))
  if (isClusterWide && ref.namespace !== '')
    return { error: 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`' }
  const place = isClusterWide ? '' : ref.namespace || namespace
  if (!isClusterWide && place === '')
    return { error: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' }
  if (ref.name !== '' && ref.selector !== undefined)
    return { error: 'paramRef.name and paramRef.selector are mutually exclusive' }
  if (typeof ref.selector === 'string') return { error: ref.selector }
  const { selector } = ref
  const here = all.filter((each) => isClusterWide || each.namespace === place)
  const found =
    ref.name !== ''
      ? here.filter(({ name }) => name === ref.name)
      : selector === undefined
        ? undefined
        : here.filter((each) => selects(selector, labelsOf(each.body)))
  if (found === undefined) return { error: 'one of name or selector must be provided' }
  if (found.length > 0) return { values: found.map((each) => typed(each, paramKind)) }
  if (!source.isComplete(paramKind)) return { unknown: `params of kind ${paramKind.kind}` }
  if (ref.notFound === 'Deny')
    return { error: 'no params found for policy binding with `Deny` parameterNotFoundAction' }
  return { values: [] }
}

/** Params carry the type by which the policy names them. */
export function typed(param: KubeObject, { group, version, kind }: ParamKind): JsonObject {
  const apiVersion: Json = group === '' ? version : `${group}/${version}`
  return { ...object(param.body), apiVersion, kind }
}
