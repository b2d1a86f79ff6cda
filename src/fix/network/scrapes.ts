import { at, field, list, string } from '../../cluster/json.ts'
import { parseSelector, selects } from '../../cluster/labels.ts'
import { labelsOf } from '../../cluster/object.ts'
import type { Workload } from '../../cluster/workload.ts'
import type { PodMember } from '../../engines/network/members.ts'
import type { NetworkModel } from '../../engines/network/model.ts'
import { isPortNumber } from '../../engines/network/policy-port.ts'
import type { Service } from '../../engines/network/services.ts'
import type { Port } from './allowance.ts'
import { joinNeeds, type Needs, NO_NEEDS, toWorkload } from './ends.ts'

/** What collects metrics from pods that it discovers, and is therefore named by none of them. */
const COLLECTOR =
  /(^|\/)(prometheus|vmagent|alloy|grafana-agent|grafana\/agent|opentelemetry-collector(-contrib|-k8s)?|otelcol)([:@]|$)/

const collectors = new WeakMap<NetworkModel, readonly PodMember[]>()

export function scrapersOf(model: NetworkModel): readonly PodMember[] {
  const known = collectors.get(model)
  if (known) return known
  const found = model.members.filter(
    (member) => member.kind !== 'node' && member.pod.containers.some(({ image }) => COLLECTOR.test(image)),
  ) as readonly PodMember[]
  collectors.set(model, found)
  return found
}

/** The ports on which workloads say that their metrics are collected: by annotations, or by a ServiceMonitor. */
export function scrapedBy(model: NetworkModel): (workload: Workload) => Needs {
  const ofServices = new Map<string, Port[]>()
  const add = (service: Service, means: (port: Service['ports'][number]) => boolean): void => {
    for (const port of service.ports.filter(means))
      for (const { member, ...backend } of model.services.backendsOf(service, port))
        ofServices.set(member.id, [...(ofServices.get(member.id) ?? []), backend])
  }
  for (const service of model.services.all) {
    if (service.annotations.get('prometheus.io/scrape') !== 'true') continue
    const number = service.annotations.get('prometheus.io/port')
    add(service, ({ port, target }) => number === undefined || number === `${port}` || number === `${target}`)
  }
  for (const monitor of model.cluster.ofKind('ServiceMonitor', 'monitoring.coreos.com')) {
    const selector = parseSelector(at(monitor.body, 'spec', 'selector'))
    if (selector === undefined || typeof selector === 'string') continue
    const names = new Set(list(at(monitor.body, 'spec', 'endpoints')).map((each) => string(field(each, 'port'))))
    for (const service of model.services.all)
      if (selects(selector, labelsOf(service.object.body))) add(service, ({ name }) => names.has(name))
  }
  return (workload) => {
    const ports = [...annotated(workload), ...(ofServices.get(workload.id) ?? [])]
    return ports.length === 0 ? NO_NEEDS : fromScrapers(model, workload, ports)
  }
}

function annotated({ specs }: Workload): readonly Port[] {
  return specs.flatMap(({ pod }) => {
    if (pod.annotations.get('prometheus.io/scrape') !== 'true') return []
    const first = pod.containers.flatMap((each) => each.ports)[0]?.port
    const port = Number(pod.annotations.get('prometheus.io/port') ?? first)
    return isPortNumber(port) ? [{ protocol: 'TCP' as const, port }] : []
  })
}

function fromScrapers(model: NetworkModel, workload: Workload, ports: readonly Port[]): Needs {
  const ids = [...new Set(scrapersOf(model).map(({ id }) => id))].filter((id) => id !== workload.id)
  if (ids.length > 0) return joinNeeds(ids.map((id) => toWorkload(model, id, ports)))
  return {
    allowances: [
      { peer: { kind: 'pods', namespace: 'any', labels: { 'app.kubernetes.io/name': 'prometheus' } }, ports },
    ],
    notes: ['what collects its metrics is not in the input: pods that are labelled as Prometheus are admitted'],
  }
}
