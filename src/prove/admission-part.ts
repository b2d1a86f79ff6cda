import type { Cluster } from '../cluster/cluster.ts'
import { at, type Json, list } from '../cluster/json.ts'
import type { PodSecurityLevel } from '../cluster/namespace.ts'
import type { KubeObject } from '../cluster/object.ts'
import { formatPlace } from '../engines/access/used/behaviour.ts'
import { levelOf } from '../engines/escape/level.ts'
import { refuses } from './affected.ts'
import type { Facts } from './facts.ts'
import { NOTHING } from './network-part.ts'
import { BlindSpots, type Part } from './part.ts'
import type { Counterexample } from './proof.ts'
import { formatId } from './words.ts'

/**
 * Whether namespaces that become stricter still admit the pods of their workloads. The objects of the input are the
 * record: no source holds versions of them that are gone.
 */
export function admissionPart(
  after: Cluster,
  facts: Facts | undefined,
  stricter: readonly { readonly namespace: string; readonly level: PodSecurityLevel }[],
): Part {
  const spots = new BlindSpots()
  const counterexamples: Counterexample[] = []
  const reasons: string[] = []
  let replayed = 0
  for (const { namespace, level } of stricter) {
    let own = 0
    for (const workload of after.workloads) {
      if (workload.namespace !== namespace || workload.finished) continue
      for (const { pod, object } of workload.specs) {
        own++
        const needed = levelOf(pod)
        if (refuses(level, needed)) {
          counterexamples.push(violation(after, object, `${formatId(workload.id)} needs ${needed}`, namespace, level))
        } else if (hasMore(at(object.body, ...pod.path)))
          spots.add({
            kind: 'not-evaluated',
            message: `${formatId(workload.id)} sets sysctls or hosts of probes, which were not evaluated`,
            instance: workload.id,
            touches: [`Namespace//${namespace}`],
          })
      }
    }
    replayed += own
    if (own === 0) reasons.push(`no pod of namespace ${namespace} is in the input`)
    if (facts) madeByHand(facts, namespace, spots)
  }
  return {
    ...NOTHING,
    explained: replayed,
    replayed,
    counterexamples,
    blindSpots: spots.list(),
    reasons,
    limits: ['as to admission only: the pods of the input are admitted; what their processes do is not recorded'],
  }
}

function violation(
  { locate }: Cluster,
  object: KubeObject,
  what: string,
  namespace: string,
  level: PodSecurityLevel,
): Counterexample {
  const place = object.origin && locate(object.origin)
  return {
    what,
    why: `namespace ${namespace} would enforce ${level}`,
    times: 1,
    first: 0,
    last: 0,
    place: { file: place?.file ?? '', line: place?.line ?? 0 },
    raw: object.id,
  }
}

/** Fields of the baseline that the level of a pod leaves out. */
function hasMore(spec: Json | undefined): boolean {
  const containers = ['containers', 'initContainers'].flatMap((key) => list(at(spec, key)))
  return (
    list(at(spec, 'securityContext', 'sysctls')).length > 0 ||
    containers.some((container) =>
      ['livenessProbe', 'readinessProbe', 'startupProbe'].some((probe) =>
        ['httpGet', 'tcpSocket'].some((kind) => at(container, probe, kind, 'host') !== undefined),
      ),
    )
  )
}

/** Pods that somebody made himself, rather than a workload's controller: their specs are recorded nowhere. */
function madeByHand(facts: Facts, namespace: string, spots: BlindSpots): void {
  for (const who of facts.access?.whos ?? []) {
    if (who.subject.startsWith('ServiceAccount/kube-system/') || who.ids.includes('Group//system:nodes')) continue
    for (const { request, outcome, place } of who.behaviours) {
      if (outcome !== 'used' || 'path' in request || request.resource !== 'pods' || request.verb !== 'create') continue
      if (request.namespace !== namespace || request.subresource !== '' || who.user === CONTROLLERS) continue
      spots.add({
        kind: 'pods-made-by-hand',
        message: `${formatId(who.subject)} made pods in ${namespace} that are not in the input`,
        instance: formatPlace(place),
        touches: [`Namespace//${namespace}`],
      })
    }
  }
}

const CONTROLLERS = 'system:kube-controller-manager'
