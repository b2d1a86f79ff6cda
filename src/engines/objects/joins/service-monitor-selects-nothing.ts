import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, strings } from '../../../cluster/json.ts'
import { formatSelector, parseSelector, type Selector, selects } from '../../../cluster/labels.ts'
import { type KubeObject, labelsOf } from '../../../cluster/object.ts'
import type { Check, Join } from '../../check.ts'
import { hidingIn } from '../../hiding.ts'
import { failed, passed, undecided } from '../../verdict.ts'

const CHECK: Check = {
  id: 'service-monitor-selects-nothing',
  title: 'A ServiceMonitor selects no Service',
  severity: 'low',
  category: 'reliability',
  profiles: [],
  aliases: { 'kube-linter': 'dangling-servicemonitor' },
  references: ['https://prometheus-operator.dev/docs/developer/getting-started/'],
}

const PATH = ['spec', 'selector'] as const

export const serviceMonitorSelectsNothing: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const monitors = cluster.ofKind('ServiceMonitor', 'monitoring.coreos.com')
    if (monitors.length === 0) return
    const find = index(cluster)
    for (const object of monitors) {
      const selector = parseSelector(at(object.body, 'spec', 'selector'))
      if (selector === undefined || typeof selector === 'string') {
        yield failed(CHECK, object, selector ?? 'it has no selector', [because('selects nothing', object, PATH)], PATH)
        continue
      }
      const namespaces = namespacesOf(object)
      if (find(namespaces, selector)) {
        yield passed(CHECK, object)
        continue
      }
      const where = namespaces ? `namespace ${namespaces.join(', ')}` : 'any namespace'
      const message = `no Service of ${where} has the labels ${formatSelector(selector)}`
      const reasons = [because(`asks for ${formatSelector(selector)}`, object, PATH)]
      const isSeen = namespaces?.every((name) => find([name], [])) ?? true
      yield isSeen && !hidingIn(cluster)
        ? failed(CHECK, object, message, reasons, PATH)
        : undecided(CHECK, object, `${message} in the input`, reasons, PATH)
    }
  },
}

/** Undefined: all of them. Without a namespaceSelector its own. */
function namespacesOf({ body, namespace }: KubeObject): readonly string[] | undefined {
  if (at(body, 'spec', 'namespaceSelector', 'any') === true) return undefined
  const named = strings(at(body, 'spec', 'namespaceSelector', 'matchNames'))
  return named.length > 0 ? named : [namespace]
}

type Labelled = readonly ReadonlyMap<string, string>[]

/** Services by namespace and, of those that a selector asks by value, by label. */
function index(cluster: Cluster): (namespaces: readonly string[] | undefined, selector: Selector) => boolean {
  const all = new Map<string, ReadonlyMap<string, string>[]>()
  const add = (key: string, labels: ReadonlyMap<string, string>): void => {
    const same = all.get(key)
    if (same) same.push(labels)
    else all.set(key, [labels])
  }
  for (const { namespace, body } of cluster.ofKind('Service')) {
    const labels = labelsOf(body)
    for (const place of [namespace, ANYWHERE]) {
      add(place, labels)
      for (const [key, value] of labels) add(`${place} ${key}=${value}`, labels)
    }
  }
  return (namespaces, selector) => {
    const by = selector.find(({ operator }) => operator === 'In')
    return (namespaces ?? [ANYWHERE]).some((place) => {
      const keys = by ? by.values.map((value) => `${place} ${by.key}=${value}`) : [place]
      return keys.some((key) => ((all.get(key) ?? []) as Labelled).some((labels) => selects(selector, labels)))
    })
  }
}

/** No namespace has this name. */
const ANYWHERE = '*'
