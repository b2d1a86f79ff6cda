import { because } from '../../../cluster/because.ts'
import type { Check, Join } from '../../check.ts'
import { failed, namesText, passed, undecided } from '../../verdict.ts'
import { budgetsOf } from '../budget.ts'
import { podsOf } from '../pods.ts'

const CHECK: Check = {
  id: 'pdb-overlapping',
  title: 'Several PodDisruptionBudgets select the same pods',
  severity: 'medium',
  category: 'reliability',
  profiles: ['default'],
  aliases: { popeye: '209' },
  references: ['https://kubernetes.io/docs/tasks/run-application/configure-pdb/'],
}

/** pkg/registry/core/pod/storage/eviction.go: a pod with more than one budget is never evicted. */
export const pdbOverlapping: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const budgets = budgetsOf(cluster)
    for (const { id, about } of podsOf(cluster).workloads) {
      const found = budgets.of(id)
      if (found.length < 2) {
        yield passed(CHECK, about)
        continue
      }
      const names = namesText(found.map(({ budget }) => budget.object.name))
      const reasons = found.map(({ budget }) => because('selects it', budget.object, ['spec', 'selector']))
      const isSure = found.filter(({ truth }) => truth === 'yes').length > 1
      const text = `PodDisruptionBudgets ${names} ${isSure ? '' : 'may '}select its pods: the eviction API refuses them all`
      yield isSure
        ? failed(CHECK, about, text, reasons, ['metadata', 'name'])
        : undecided(CHECK, about, text, reasons, ['metadata', 'name'])
    }
  },
}
