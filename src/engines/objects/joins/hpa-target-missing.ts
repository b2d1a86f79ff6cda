import { because } from '../../../cluster/because.ts'
import { isNamespaced, typeName } from '../../../cluster/kinds.ts'
import type { Check, Join } from '../../check.ts'
import { hidingIn } from '../../hiding.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { autoscalersOf } from '../autoscaler.ts'

const CHECK: Check = {
  id: 'hpa-target-missing',
  title: 'An autoscaler scales nothing that is there',
  severity: 'medium',
  category: 'reliability',
  profiles: ['default'],
  aliases: {
    'kube-linter': 'dangling-horizontalpodautoscaler',
    'kube-score': 'horizontalpodautoscaler-has-target',
  },
  references: ['https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/'],
}

const PATH = ['spec', 'scaleTargetRef'] as const

export const hpaTargetMissing: Join = {
  check: CHECK,
  *verdicts(cluster) {
    for (const { object, group, kind, name, target } of autoscalersOf(cluster)) {
      if (cluster.get(target) || cluster.workload(target)) {
        yield passed(CHECK, object)
        continue
      }
      const missing = `${kind} ${name} is not in namespace ${object.namespace}`
      const reasons = [because(missing, object, PATH)]
      // Of custom kinds most inputs hold no object at all.
      const isUsual = isNamespaced(group, kind) === true || cluster.wasListed(typeName(group, kind))
      yield isUsual && !hidingIn(cluster)
        ? failed(CHECK, object, missing, reasons, PATH)
        : undecided(CHECK, object, `${kind} ${name} is not in the input`, reasons, PATH)
    }
  },
}
