import { because } from '../../../cluster/because.ts'
import type { Path } from '../../../cluster/json.ts'
import { formatSelector, type Truth } from '../../../cluster/labels.ts'
import type { Check, Join } from '../../check.ts'
import { hidingIn } from '../../hiding.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { type Pods, podsOf } from '../pods.ts'
import type { Policy } from '../policy.ts'
import type { Peer } from '../policy-peer.ts'
import { EMPTY } from '../sets.ts'

const CHECK: Check = {
  id: 'network-policy-peer-selects-nothing',
  title: 'A peer of a policy is no workload',
  severity: 'low',
  category: 'security',
  profiles: [],
  aliases: { 'kube-linter': 'dangling-networkpolicypeer-podselector', popeye: '1201, 1202' },
  references: [
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
  ],
}

type PodPeer = Extract<Peer, { kind: 'pods' }>

/** A peer that nothing matches admits nobody: what the rule was written for does not work, or waits for its labels. */
export const networkPolicyPeerSelectsNothing: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const pods = podsOf(cluster)
    for (const policy of pods.policies) {
      const { object } = policy
      const missed: { readonly path: Path; readonly text: string }[] = []
      const unseen: { readonly path: Path; readonly text: string }[] = []
      for (const { peer, path } of peersOf(policy)) {
        const seen = matches(pods, policy.namespace, peer)
        if (seen === 'yes') continue
        const text = textOf(peer)
        ;(seen === 'no' && !hidingIn(cluster) ? missed : unseen).push({ path, text })
      }
      const told = missed.length > 0 ? missed : unseen
      const first = told[0]
      if (!first) {
        yield passed(CHECK, object)
        continue
      }
      const reasons = told.slice(0, 10).map(({ path, text }) => because(text, object, path))
      const paths = told.map(({ path }) => path)
      yield missed.length > 0
        ? failed(CHECK, object, `admits ${first.text}, which no workload of the input is`, reasons, ...paths)
        : undecided(CHECK, object, `whether there are ${first.text} is not in the input`, reasons, ...paths)
    }
  },
}

function* peersOf(policy: Policy): Generator<{ readonly peer: PodPeer; readonly path: Path }> {
  for (const direction of ['ingress', 'egress'] as const) {
    for (const { peers, path } of policy[direction] ?? []) {
      if (peers === 'everyone') continue
      for (const [index, peer] of peers.entries())
        if (peer.kind === 'pods') yield { peer, path: [...path, direction === 'ingress' ? 'from' : 'to', index] }
    }
  }
}

function textOf({ namespaces, pods }: PodPeer): string {
  const which = pods.length === 0 ? 'pods' : `pods of ${formatSelector(pods)}`
  if (!namespaces) return which
  return namespaces.length === 0
    ? `${which} in any namespace`
    : `${which} in namespaces of ${formatSelector(namespaces)}`
}

function matches({ selection, populationOf }: Pods, own: string, { namespaces, pods }: PodPeer): Truth {
  if (namespaces === undefined) {
    if (pods.length === 0) return 'yes'
    const { sure, may } = selection.inNamespace(own, pods)
    return sure !== EMPTY ? 'yes' : may !== EMPTY || populationOf(own) === 0 ? 'unknown' : 'no'
  }
  const { sure, may } = selection.inNamespaces(namespaces, pods)
  return sure !== EMPTY ? 'yes' : may !== EMPTY || selection.inUnseen(namespaces) !== 'no' ? 'unknown' : 'no'
}
