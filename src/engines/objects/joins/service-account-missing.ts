import { because } from '../../../cluster/because.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Check, Join } from '../../check.ts'
import { hidingIn } from '../../hiding.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { podsOf } from '../pods.ts'

const CHECK: Check = {
  id: 'service-account-missing',
  title: 'A workload runs as a ServiceAccount that is not there',
  severity: 'medium',
  category: 'reliability',
  profiles: ['default'],
  aliases: { 'kube-linter': 'non-existent-service-account', popeye: '307' },
  references: ['https://kubernetes.io/docs/concepts/security/service-accounts/'],
}

/** plugin/pkg/admission/serviceaccount refuses pods of an account that does not exist; every namespace has `default`. */
export const serviceAccountMissing: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const { workloads } = podsOf(cluster)
    const isTold =
      cluster.wasListed('ServiceAccount') || (cluster.ofKind('ServiceAccount').length > 0 && !hidingIn(cluster))
    for (const { about, namespace, specs } of workloads) {
      const shape = specs.find(
        ({ pod: { serviceAccountName: name } }) =>
          name !== 'default' && !cluster.get(idOf('ServiceAccount', namespace, name)),
      )
      if (!shape) {
        yield passed(CHECK, about)
        continue
      }
      const path = [...shape.pod.path, 'serviceAccountName']
      const missing = `ServiceAccount ${shape.pod.serviceAccountName} is not in namespace ${namespace}`
      const reasons = [because(missing, shape.object, path)]
      yield isTold
        ? failed(CHECK, about, missing, reasons, path)
        : undecided(CHECK, about, `ServiceAccount ${shape.pod.serviceAccountName} is not in the input`, reasons, path)
    }
  },
}
