import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { both, mayMatch, type Selector, selects, type Truth } from '../../../cluster/labels.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import { ruleMeans, type Webhook, webhookConfigurations, webhooksOf } from '../../../cluster/webhooks.ts'
import type { Workload } from '../../../cluster/workload.ts'
import { CHANCE, type Edge, type EdgeKind } from '../../engine.ts'
import type { Member, ScopeKind, Scopes } from '../scope.ts'
import { type ScopeKinds, workloadsBehind } from '../scopes.ts'
import { templateResources } from './templates.ts'

export const WEBHOOK_KINDS: readonly EdgeKind[] = [
  {
    kind: 'serves-webhook',
    title: 'says what is admitted, as the backend of a webhook',
    from: 'workload',
    to: 'Scope admitted-pods, or what the webhook means of it',
    chance: '1',
    precondition:
      'a MutatingWebhookConfiguration of the input calls a Service that selects its pods, for pods when they are created or for objects that embed a pod template; selectors of namespaces and objects are followed, and with matchConditions it is unknown',
    source: 'apiserver/pkg/admission/plugin/webhook/mutating',
  },
  {
    kind: 'sees-admitted',
    title: 'is sent Secrets when they are written',
    from: 'workload',
    to: 'Scope secrets',
    chance: '0.1',
    precondition: 'a webhook of the input, mutating or validating, is called for Secrets and served by its pods',
    source: 'apiserver/pkg/admission/plugin/webhook',
  },
]

/** Who controls the pods that serve a webhook decides on what it is asked. */
export function* webhookEdges(cluster: Cluster, kinds: ScopeKinds, scopes: Scopes): Generator<Edge> {
  for (const configuration of webhookConfigurations(cluster)) {
    const mutates = configuration.kind === 'MutatingWebhookConfiguration'
    for (const webhook of webhooksOf(configuration)) {
      const backends = backendsOf(webhook, cluster, kinds)
      if (backends.length === 0) continue
      const called = because(
        `webhook ${webhook.name} calls Service ${webhook.service?.name}`,
        configuration,
        webhook.path,
      )
      for (const target of targetsOf(webhook, configuration, mutates, cluster, kinds, scopes))
        for (const from of backends)
          yield {
            ...target,
            from: from.id,
            rule: `${configuration.id} ${webhook.name}`,
            because: [called, served(from)],
          }
    }
  }
}

function served(workload: Workload): Because {
  return because('its pods are behind that Service', workload.object)
}

function backendsOf({ service }: Webhook, cluster: Cluster, kinds: ScopeKinds): readonly Workload[] {
  const object = service && cluster.get(idOf('Service', service.namespace, service.name))
  return object ? workloadsBehind(object, kinds.workloadsIn(object.namespace)) : []
}

function* targetsOf(
  webhook: Webhook,
  configuration: KubeObject,
  mutates: boolean,
  cluster: Cluster,
  kinds: ScopeKinds,
  scopes: Scopes,
): Generator<Pick<Edge, 'kind' | 'to' | 'chance' | 'truth'>> {
  const truth = webhook.hasConditions ? 'unknown' : 'yes'
  const name = `${configuration.name} ${webhook.name}`
  const pods = mutates ? podKinds(webhook, cluster) : []
  if (pods === 'all' || pods.length > 0) {
    const isWide = pods === 'all' && !isNarrow(webhook.namespaces) && !isNarrow(webhook.objects)
    const scope = isWide ? kinds.admittedPods : mutated(`mutated by ${name}`, webhook, pods, cluster, kinds)
    yield { kind: 'serves-webhook', to: scopes.of(scope, ''), chance: 1, truth }
  }
  if (webhook.rules.some((rule) => ruleMeans(rule, '', 'secrets') && isOn(rule.operations, 'CREATE', 'UPDATE'))) {
    const isWide = !isNarrow(webhook.namespaces) && !isNarrow(webhook.objects)
    const scope = isWide ? kinds.secrets : seen(`seen by ${name}`, webhook, cluster, kinds)
    yield { kind: 'sees-admitted', to: scopes.of(scope, ''), chance: CHANCE.served, truth }
  }
}

function isOn(operations: readonly string[], ...wanted: readonly string[]): boolean {
  return operations.some((each) => each === '*' || wanted.includes(each))
}

/** An invalid selector is refused by the API server: there is no such webhook, and what is not known is not left out. */
function isNarrow(selector: Selector | undefined | string): selector is Selector | string {
  return typeof selector === 'string' || (selector !== undefined && selector.length > 0)
}

/** The kinds of workloads whose pods, or whose templates, it is asked about. */
function podKinds({ rules }: Webhook, cluster: Cluster): readonly string[] | 'all' {
  if (rules.some((rule) => ruleMeans(rule, '', 'pods') && isOn(rule.operations, 'CREATE'))) return 'all'
  return templateResources(cluster).flatMap(({ group, resource, kinds }) =>
    rules.some((rule) => ruleMeans(rule, group, resource) && isOn(rule.operations, 'CREATE', 'UPDATE')) ? kinds : [],
  )
}

function mutated(
  name: string,
  webhook: Webhook,
  pods: readonly string[] | 'all',
  cluster: Cluster,
  kinds: ScopeKinds,
): ScopeKind {
  return {
    name,
    *members(namespace, scopes) {
      const meant = meansNamespace(webhook, namespace, cluster)
      let most: Truth = 'no'
      for (const workload of meant === 'no' ? [] : kinds.workloadsIn(namespace)) {
        if (pods !== 'all' && !pods.includes(workload.kind)) continue
        const truth = both(meant, meansWorkload(webhook, workload, pods === 'all'))
        if (truth === 'no') continue
        if (most !== 'yes') most = truth
        yield { to: workload.id, truth, because: [because('the webhook is asked about its pods', workload.object)] }
      }
      if (most !== 'no')
        yield {
          to: scopes.of(kinds.newPods, namespace),
          truth: most,
          because: [because('a changed pod may name any service account, Secret, claim and node')],
        }
    },
  }
}

function seen(name: string, webhook: Webhook, cluster: Cluster, kinds: ScopeKinds): ScopeKind {
  return {
    name,
    members(namespace, scopes): readonly Member[] {
      const meant = meansNamespace(webhook, namespace, cluster)
      // Labels are on some Secrets only; which ones, is for each of them to say.
      const truth = isNarrow(webhook.objects) ? both(meant, 'unknown') : meant
      return truth === 'no'
        ? []
        : [{ to: scopes.of(kinds.secrets, namespace), truth, because: [because(`it is asked about ${namespace}`)] }]
    },
  }
}

function meansNamespace({ namespaces }: Webhook, name: string, cluster: Cluster): Truth {
  if (!isNarrow(namespaces)) return 'yes'
  if (typeof namespaces === 'string') return 'unknown'
  const namespace = cluster.namespaces.get(name)
  return mayMatch(
    namespaces,
    namespace?.labels ?? new Map([['kubernetes.io/metadata.name', name]]),
    namespace?.seen === true,
  )
}

/** Of a template it is the object that is selected, whose labels are not those of its pods. */
function meansWorkload({ objects }: Webhook, workload: Workload, asPod: boolean): Truth {
  if (!isNarrow(objects)) return 'yes'
  if (typeof objects === 'string' || !asPod) return 'unknown'
  return workload.specs.some(({ pod }) => selects(objects, pod.labels)) ? 'yes' : 'no'
}
