import { at, boolean, field, type Json, list, number, string, strings } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'

/** A FlowSchema (flowcontrol.apiserver.k8s.io): which requests go to which priority level. */
export interface FlowSchema {
  readonly name: string
  readonly precedence: number
  /** The name of its PriorityLevelConfiguration. */
  readonly level: string
  readonly distinguisher: 'ByUser' | 'ByNamespace' | ''
  readonly rules: readonly FlowRule[]
  /** Absent for one that every API server makes for itself. */
  readonly object?: KubeObject
}

export interface FlowRule {
  readonly subjects: readonly FlowSubject[]
  readonly resourceRules: readonly ResourceRule[]
  readonly nonResourceRules: readonly NonResourceRule[]
}

export type FlowSubject =
  | { readonly kind: 'User' | 'Group'; readonly name: string }
  | { readonly kind: 'ServiceAccount'; readonly namespace: string; readonly name: string }

export interface ResourceRule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly clusterScope: boolean
  readonly namespaces: readonly string[]
}

export interface NonResourceRule {
  readonly verbs: readonly string[]
  readonly nonResourceURLs: readonly string[]
}

/** pkg/apis/flowcontrol/v1/defaults.go. */
const DEFAULT_PRECEDENCE = 1000

export function flowSchemaOf(name: string, spec: Json | undefined, object?: KubeObject): FlowSchema {
  const method = string(at(spec, 'distinguisherMethod', 'type'))
  return {
    name,
    precedence: number(field(spec, 'matchingPrecedence')) || DEFAULT_PRECEDENCE,
    level: string(at(spec, 'priorityLevelConfiguration', 'name')) ?? '',
    distinguisher: method === 'ByUser' || method === 'ByNamespace' ? method : '',
    rules: list(field(spec, 'rules')).map(ruleOf),
    ...(object ? { object } : {}),
  }
}

function ruleOf(rule: Json): FlowRule {
  return {
    subjects: list(field(rule, 'subjects')).flatMap(subjectOf),
    resourceRules: list(field(rule, 'resourceRules')).map((each) => ({
      verbs: strings(field(each, 'verbs')),
      apiGroups: strings(field(each, 'apiGroups')),
      resources: strings(field(each, 'resources')),
      clusterScope: boolean(field(each, 'clusterScope')) === true,
      namespaces: strings(field(each, 'namespaces')),
    })),
    nonResourceRules: list(field(rule, 'nonResourceRules')).map((each) => ({
      verbs: strings(field(each, 'verbs')),
      nonResourceURLs: strings(field(each, 'nonResourceURLs')),
    })),
  }
}

/** A subject without the member that its kind names matches nobody. */
function subjectOf(subject: Json): readonly FlowSubject[] {
  const kind = string(field(subject, 'kind'))
  if (kind === 'User' || kind === 'Group') {
    const member = field(subject, kind === 'User' ? 'user' : 'group')
    return member === undefined || member === null ? [] : [{ kind, name: string(field(member, 'name')) ?? '' }]
  }
  const account = field(subject, 'serviceAccount')
  if (kind !== 'ServiceAccount' || account === undefined || account === null) return []
  return [{ kind, namespace: string(field(account, 'namespace')) ?? '', name: string(field(account, 'name')) ?? '' }]
}
