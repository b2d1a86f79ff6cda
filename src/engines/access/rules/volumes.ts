import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, string } from '../../../cluster/json.ts'
import { idOf, idParts, type KubeObject } from '../../../cluster/object.ts'
import type { Edge } from '../../engine.ts'
import type { Known } from '../../known.ts'
import { type Making, placesOfAll } from '../making.ts'
import { probe, probes } from '../probe.ts'
import type { Right } from '../rights.ts'
import { type AccessContext, type AccessRule, creating, once, step } from '../rule.ts'
import type { Member, ScopeKind } from '../scope.ts'
import { ONLY, type ScopeKinds } from '../scopes.ts'

/** PersistentVolumes stand in no namespace, and Pod Security lets claims of them pass at every level. */

const CREATE_VOLUME = probe('create', '', 'persistentvolumes')
const WRITE_VOLUME = probes(['update', 'patch'], '', ['persistentvolumes'])
const CREATE_CLAIM = probe('create', '', 'persistentvolumeclaims')

const FROM = 'User, Group, ServiceAccount'

export function volumeRules(kinds: ScopeKinds, making: Making): readonly AccessRule[] {
  return [hostVolume(kinds, making), rebindVolume(making)]
}

function hostVolume(kinds: ScopeKinds, making: Making): AccessRule {
  return {
    kinds: [
      {
        kind: 'host-volume',
        title: 'mounts a path of a node through a PersistentVolume',
        from: FROM,
        to: 'Scope nodes, or the nodes where the volume is',
        chance: '1',
        precondition:
          'in a namespace where no privileged pod is sure to be admitted: `create` on pods or a pod template (or one to change), `create` on persistentvolumeclaims, and `create` on persistentvolumes cluster-wide or a free PersistentVolume of the input that is a path of the table of host paths. Unknown where the namespace is restricted: its pods are not root, though they may be in the group of a socket',
        source: 'kubernetes.io/docs/concepts/security/pod-security-standards; core/v1 PersistentVolumeSource',
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      const free = context.known.hostVolumes().filter(({ claim }) => claim === undefined || !context.cluster.get(claim))
      const volumes = creating(rights, '', CREATE_VOLUME)
      if (volumes.length === 0 && free.length === 0) return
      const pods = (place: string): readonly Right[] => making.specs(rights, place, context)
      const claims = (place: string): readonly Right[] => creating(rights, place, CREATE_CLAIM)
      if (volumes.length > 0)
        for (const { place, by } of placesOfAll(rights, claims, pods, () => volumes)) {
          const truth = mostIn(place, by[1] as Right, making, context)
          if (truth) yield* once(told, step('host-volume', rights, context.scopes.of(kinds.nodes, ONLY), by, { truth }))
        }
      if (free.length > 0)
        for (const { place, by } of placesOfAll(rights, claims, pods)) {
          const within = new Set(context.scopes.within(place))
          const truth = mostIn(place, by[1] as Right, making, context)
          for (const volume of truth ? free : []) {
            if (volume.claim !== undefined && !within.has(idParts(volume.claim).namespace)) continue
            for (const to of volume.nodes === 'any' ? [context.scopes.of(kinds.nodes, ONLY)] : volume.nodes)
              yield* once(
                told,
                step('host-volume', rights, to, by, {
                  truth: volume.truth === 'yes' ? (truth as Edge['truth']) : 'unknown',
                  because: volume.because,
                }),
              )
          }
        }
    },
  }
}

/** How sure it is that a pod is root in a namespace of the place; undefined where it may be privileged without all this. */
function mostIn(place: string, pods: Right, making: Making, context: AccessContext): Edge['truth'] | undefined {
  const levels = levelsOf(context)
  let most: Edge['truth'] | undefined
  for (const namespace of context.scopes.within(place)) {
    const level = levels(namespace)
    if (level === 'privileged' || most === 'yes' || !making.isOfUse(pods, namespace, context)) continue
    most = level === 'root' ? 'yes' : 'unknown'
  }
  return most
}

const levels = new WeakMap<AccessContext, Map<string, 'privileged' | 'root' | 'unsure'>>()

function levelsOf(context: AccessContext): (namespace: string) => 'privileged' | 'root' | 'unsure' {
  const known = levels.get(context) ?? new Map()
  levels.set(context, known)
  return (namespace) => {
    const { admits } = context.known
    const level =
      known.get(namespace) ??
      (admits(namespace, 'privileged').truth === 'yes'
        ? 'privileged'
        : admits(namespace, 'baseline').truth === 'yes'
          ? 'root'
          : 'unsure')
    known.set(namespace, level)
    return level
  }
}

function rebindVolume(making: Making): AccessRule {
  return {
    kinds: [
      {
        kind: 'rebind-volume',
        title: 'has the volume of another claim bound to its own',
        from: FROM,
        to: 'PersistentVolumeClaim, or Scope bound claims',
        chance: '1',
        precondition:
          '`update` or `patch` on persistentvolumes cluster-wide, for all or by name: `spec.claimRef` may be changed; and in one namespace `create` on persistentvolumeclaims and on pods or a pod template (or one to change)',
        source: 'pkg/apis/core/validation ValidatePersistentVolumeUpdate; pkg/controller/volume/persistentvolume',
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      const writing = rights.in('', ...WRITE_VOLUME)
      if (writing.length === 0) return
      const pods = (place: string): readonly Right[] => making.specs(rights, place, context)
      const claims = (place: string): readonly Right[] => creating(rights, place, CREATE_CLAIM)
      for (const { by } of placesOfAll(rights, () => writing, claims, pods)) {
        const { names } = by[0] as Right
        if (names === undefined) {
          yield* once(told, step('rebind-volume', rights, context.scopes.of(BOUND, ONLY), by))
          continue
        }
        for (const name of names) {
          const volume = context.cluster.get(idOf('PersistentVolume', '', name))
          for (const { to, because: bound } of volume ? boundTo(volume, context.cluster) : [])
            yield* once(told, step('rebind-volume', rights, to, by, { because: bound }))
        }
      }
    },
  }
}

const BOUND: ScopeKind = {
  name: 'bound claims',
  members: (_, { cluster }) => cluster.ofKind('PersistentVolume').flatMap((volume) => boundTo(volume, cluster)),
}

function boundTo(volume: KubeObject, cluster: Cluster) {
  const namespace = string(at(volume.body, 'spec', 'claimRef', 'namespace'))
  const name = string(at(volume.body, 'spec', 'claimRef', 'name'))
  const to = namespace && name ? idOf('PersistentVolumeClaim', namespace, name) : undefined
  if (to === undefined || !cluster.get(to)) return []
  return [{ to, because: [because(`PersistentVolume ${volume.name} holds its data`, volume, ['spec', 'claimRef'])] }]
}

/** The nodes that a new pod of the namespace has by a claim that is there; none where it may be privileged anyhow. */
export function* byHostClaims(namespace: string, known: Known, nodes: () => string): Generator<Member> {
  const root = known.admits(namespace, 'baseline')
  for (const { claim, nodes: where, truth, because: why } of known.hostVolumes()) {
    if (claim === undefined || idParts(claim).namespace !== namespace) continue
    for (const to of where === 'any' ? [nodes()] : where)
      yield {
        kind: 'new-pod-host-volume',
        to,
        truth: truth === 'yes' && root.truth === 'yes' ? ('yes' as const) : ('unknown' as const),
        because: [...why, because(`it is bound to claim ${idParts(claim).name}, which a new pod may mount`)],
      }
  }
}
