import { because } from '../../../cluster/because.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Check, Join, Verdict } from '../../check.ts'
import { failed, passed } from '../../verdict.ts'
import { type Autoscaler, autoscalersOf } from '../autoscaler.ts'
import { type Budget, budgetsOf, budgetText, scaled } from '../budget.ts'
import { podsOf } from '../pods.ts'

const CHECK: Check = {
  id: 'pdb-over-hpa-minimum',
  title: 'A disruption budget wants more pods than the autoscaler may leave',
  severity: 'medium',
  category: 'reliability',
  profiles: ['default'],
  aliases: { polaris: 'Deployment=pdbMinAvailableGreaterThanHPAMinReplicas' },
  polaris: 'warning',
  references: [
    'https://kubernetes.io/docs/tasks/run-application/configure-pdb/#think-about-how-your-application-reacts-to-disruptions',
  ],
}

const SCALED: ReadonlySet<string> = new Set(['apps/Deployment', 'apps/StatefulSet', 'argoproj.io/Rollout'])

/** At its minimum the workload is below its own budget, so that no pod can be evicted until it is scaled up. */
export const pdbOverHpaMinimum: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const budgets = budgetsOf(cluster)
    const byTarget = Map.groupBy(autoscalersOf(cluster), ({ target }) => target)
    for (const { id, group, kind, object } of podsOf(cluster).workloads) {
      if (!object || !SCALED.has(`${group}/${kind}`)) continue
      const autoscalers = byTarget.get(id) ?? []
      const found = budgets
        .of(id)
        .filter(({ truth }) => truth === 'yes')
        .flatMap(({ budget }) => autoscalers.map((autoscaler) => faultOf(object, budget, autoscaler)))
      yield found.find((each) => each !== undefined) ?? passed(CHECK, object)
    }
  },
}

function faultOf(object: KubeObject, budget: Budget, autoscaler: Autoscaler): Verdict | undefined {
  const { minAvailable } = budget
  const { minReplicas } = autoscaler
  if (!minAvailable || scaled(minAvailable, minReplicas) <= minReplicas) return undefined
  const message = `PodDisruptionBudget ${budget.object.name} wants ${budgetText(minAvailable)} pods available, and HorizontalPodAutoscaler ${autoscaler.object.name} may leave ${minReplicas}`
  const reasons = [
    because('wants so many', budget.object, minAvailable.path),
    because('may leave so few', autoscaler.object, ['spec', 'minReplicas']),
  ]
  return failed(CHECK, object, message, reasons, ['metadata', 'name'])
}
