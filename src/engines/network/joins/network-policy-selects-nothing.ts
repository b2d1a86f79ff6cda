import { because } from '../../../cluster/because.ts'
import { formatSelector } from '../../../cluster/labels.ts'
import type { Check, Join } from '../../check.ts'
import { hidingIn } from '../../hiding.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { podsOf } from '../pods.ts'
import { selectsNothing } from '../selects-nothing.ts'

const CHECK: Check = {
  id: 'network-policy-selects-nothing',
  title: 'A policy selects no workload',
  severity: 'low',
  category: 'security',
  profiles: ['default'],
  aliases: { 'kube-linter': 'dangling-networkpolicy', 'kube-score': 'networkpolicy-targets-pod', popeye: '1200' },
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
}

const PATH = ['spec', 'podSelector'] as const

/** The finding of this id as a check: every policy that the API server takes has a verdict. */
export const networkPolicySelectsNothing: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const { policies, selection, populationOf } = podsOf(cluster)
    for (const policy of policies) {
      const { object, namespace, pods } = policy
      const population = populationOf(namespace)
      const nothing = selectsNothing(selection, policy, population)
      const hiding = nothing === undefined ? undefined : hidingIn(cluster)
      const asks = because(`asks for ${formatSelector(pods)}`, object, PATH)
      if (pods.length > 0 && population === 0) {
        const message = `the input shows no workload of namespace ${namespace}, so whom it selects is not known`
        yield undecided(CHECK, object, message, [asks], PATH)
      } else if (nothing === undefined) yield passed(CHECK, object)
      else if (hiding) {
        const unseen = `whom it selects is not known: ${hiding.kind} ${hiding.name} makes workloads that the input does not show`
        yield undecided(CHECK, object, unseen, [asks, because('makes workloads', hiding, [])], PATH)
      } else yield failed(CHECK, object, `selects ${nothing}, so it does nothing`, [asks], PATH)
    }
  },
}
