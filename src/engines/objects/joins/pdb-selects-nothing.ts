import { because } from '../../../cluster/because.ts'
import { formatSelector } from '../../../cluster/labels.ts'
import type { Check, Join } from '../../check.ts'
import { hidingIn } from '../../hiding.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { budgetsOf } from '../budget.ts'
import { podsOf } from '../pods.ts'

const CHECK: Check = {
  id: 'pdb-selects-nothing',
  title: 'A PodDisruptionBudget selects no workload',
  severity: 'low',
  category: 'reliability',
  profiles: ['default'],
  aliases: { popeye: '900' },
  references: ['https://kubernetes.io/docs/tasks/run-application/configure-pdb/'],
}

const PATH = ['spec', 'selector'] as const

export const pdbSelectsNothing: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const { isPopulated } = podsOf(cluster)
    for (const { object, selector, selected } of budgetsOf(cluster).all) {
      const asks = because(selector ? `asks for ${formatSelector(selector)}` : 'has no selector', object, PATH)
      const hiding = selected.length > 0 ? undefined : hidingIn(cluster)
      if (selected.length > 0) {
        yield passed(CHECK, object)
      } else if (selector && hiding) {
        const unseen = `whom it selects is not known: ${hiding.kind} ${hiding.name} makes workloads that the input does not show`
        yield undecided(CHECK, object, unseen, [asks, because('makes workloads', hiding, [])], PATH)
      } else if (selector && !isPopulated(object.namespace)) {
        const unseen = `the input shows no workload of namespace ${object.namespace}, so whom it selects is not known`
        yield undecided(CHECK, object, unseen, [asks], PATH)
      } else {
        const none = `no workload of namespace ${object.namespace} has the labels ${selector && formatSelector(selector)}`
        yield failed(CHECK, object, selector ? none : 'it has no selector, so it protects nothing', [asks], PATH)
      }
    }
  },
}
