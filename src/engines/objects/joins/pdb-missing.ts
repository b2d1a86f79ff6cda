import { because } from '../../../cluster/because.ts'
import type { Check, Join } from '../../check.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { budgetsOf } from '../budget.ts'
import { podsOf } from '../pods.ts'

const CHECK: Check = {
  id: 'pdb-missing',
  title: 'No PodDisruptionBudget selects the pods',
  severity: 'low',
  category: 'reliability',
  profiles: [],
  aliases: {
    polaris: 'Deployment=missingPodDisruptionBudget',
    'kube-score': 'Deployment=deployment-has-poddisruptionbudget, StatefulSet=statefulset-has-poddisruptionbudget',
    popeye: '206',
  },
  polaris: 'warning',
  references: ['https://kubernetes.io/docs/tasks/run-application/configure-pdb/'],
}

/** Whose pods are evicted by a drain and made anew elsewhere, several at a time. */
const SERVING: ReadonlySet<string> = new Set(['apps/Deployment', 'apps/StatefulSet', 'argoproj.io/Rollout'])

export const pdbMissing: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const budgets = budgetsOf(cluster)
    for (const { id, group, kind, object } of podsOf(cluster).workloads) {
      if (!object || !SERVING.has(`${group}/${kind}`)) continue
      const found = budgets.of(id)
      if (found.some(({ truth }) => truth === 'yes')) {
        yield passed(CHECK, object)
        continue
      }
      const [doubt] = found
      const path = ['metadata', 'name']
      yield doubt
        ? undecided(
            CHECK,
            object,
            `whether PodDisruptionBudget ${doubt.budget.object.name} selects its pods is not known`,
            [because('may select it', doubt.budget.object, ['spec', 'selector'])],
            path,
          )
        : failed(
            CHECK,
            object,
            'no PodDisruptionBudget selects its pods',
            [because('is selected by none', object, path)],
            path,
          )
    }
  },
}
