import type { Cluster } from './cluster.ts'
import { at, field, type Json, list, type Path, string, strings } from './json.ts'
import { parseSelector, type Selector } from './labels.ts'
import type { KubeObject } from './object.ts'

/** admissionregistration.k8s.io webhooks, mutating and validating. */
export interface Webhook {
  readonly name: string
  readonly path: Path
  /** v1 fails closed unless it says otherwise, v1beta1 open. */
  readonly failsOpen: boolean
  readonly rules: readonly WebhookRule[]
  /** Undefined: it is called by URL. */
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number } | undefined
  /** Whether selectors or conditions hold anything back from it. */
  readonly isNarrowed: boolean
  /** Undefined selects everything; a string is why the API server would refuse it. */
  readonly namespaces: Selector | undefined | string
  readonly objects: Selector | undefined | string
  readonly hasConditions: boolean
}

export interface WebhookRule {
  readonly operations: readonly string[]
  readonly groups: readonly string[]
  readonly resources: readonly string[]
}

const KINDS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

export function webhookConfigurations(cluster: Cluster): readonly KubeObject[] {
  return KINDS.flatMap((kind) => cluster.ofKind(kind, 'admissionregistration.k8s.io'))
}

export function webhooksOf({ body, version }: KubeObject): readonly Webhook[] {
  return list(field(body, 'webhooks')).map((each, index) => decode(each, ['webhooks', index], version))
}

function decode(webhook: Json, path: Path, version: string): Webhook {
  const service = at(webhook, 'clientConfig', 'service')
  const name = string(field(service, 'name'))
  const port = field(service, 'port')
  const hasConditions = list(field(webhook, 'matchConditions')).length > 0
  const policy = string(field(webhook, 'failurePolicy')) ?? (version === 'v1beta1' ? 'Ignore' : 'Fail')
  return {
    name: string(field(webhook, 'name')) ?? '',
    path,
    failsOpen: policy === 'Ignore',
    rules: list(field(webhook, 'rules')).map((rule) => ({
      operations: strings(field(rule, 'operations')),
      groups: strings(field(rule, 'apiGroups')),
      resources: strings(field(rule, 'resources')),
    })),
    service:
      name === undefined
        ? undefined
        : { name, namespace: string(field(service, 'namespace')) ?? '', port: typeof port === 'number' ? port : 443 },
    isNarrowed:
      isNarrow(field(webhook, 'namespaceSelector')) || isNarrow(field(webhook, 'objectSelector')) || hasConditions,
    namespaces: parseSelector(field(webhook, 'namespaceSelector')),
    objects: parseSelector(field(webhook, 'objectSelector')),
    hasConditions,
  }
}

/** An empty selector is everything. */
function isNarrow(selector: Json | undefined): boolean {
  return (
    Object.keys(Object(field(selector, 'matchLabels') ?? {})).length > 0 ||
    list(field(selector, 'matchExpressions')).length > 0
  )
}

/** Whether a rule means a resource of a group, with the stars of pkg/apis/admissionregistration. */
export function ruleMeans({ groups, resources }: WebhookRule, group: string, resource: string): boolean {
  const isGroup = groups.includes('*') || groups.includes(group)
  return isGroup && resources.some((each) => each === '*' || each === '*/*' || each === resource)
}
