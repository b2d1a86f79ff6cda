import { because } from '../../../cluster/because.ts'
import { formatSelector, selects } from '../../../cluster/labels.ts'
import { isGeneratedLabel } from '../../../cluster/workload.ts'
import type { Check, Join } from '../../check.ts'
import { hidingIn } from '../../hiding.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { podsOf } from '../pods.ts'

const CHECK: Check = {
  id: 'service-selects-nothing',
  title: 'A Service selects no workload',
  severity: 'medium',
  category: 'reliability',
  profiles: ['default'],
  aliases: { 'kube-linter': 'dangling-service', 'kube-score': 'service-targets-pod', popeye: '1100' },
  references: ['https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors'],
}

const PATH = ['spec', 'selector'] as const

/** A Service without a selector has its endpoints from elsewhere, and one of type ExternalName needs none. */
export const serviceSelectsNothing: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const { services, selection } = podsOf(cluster)
    for (const { object, selector, type } of services.all) {
      if (!selector || type === 'ExternalName') {
        yield passed(CHECK, object)
        continue
      }
      const asks = because(`asks for ${formatSelector(selector)}`, object, PATH)
      const served = selection.servedBy(object.namespace, selector)
      const isSure = served.some(({ pod, labelsComplete }) => labelsComplete && selects(selector, pod.labels))
      const hiding = served.length > 0 ? undefined : hidingIn(cluster)
      const none = `no workload of namespace ${object.namespace} has the labels ${formatSelector(selector)}`
      // What a controller gives to every pod, in a value of its own, is never the selector's fault.
      if (isSure || (served.length > 0 && selector.some(({ key }) => isGeneratedLabel(key))))
        yield passed(CHECK, object)
      else if (served.length > 0)
        yield undecided(CHECK, object, 'its selector may match pods whose labels the input does not show', [asks], PATH)
      else if (hiding)
        yield undecided(
          CHECK,
          object,
          `${none}, but ${hiding.kind} ${hiding.name} makes workloads that the input does not show`,
          [asks, because('makes workloads', hiding, [])],
          PATH,
        )
      else yield failed(CHECK, object, none, [asks], PATH)
    }
  },
}
