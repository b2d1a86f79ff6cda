import { because } from '../../../cluster/because.ts'
import type { Path } from '../../../cluster/json.ts'
import type { Check, Join } from '../../check.ts'
import { hidingIn } from '../../hiding.ts'
import { failed, namesText, passed, undecided } from '../../verdict.ts'
import { references } from '../exposure/ingress.ts'
import { podsOf } from '../pods.ts'
import { missingBackend } from './missing-backend.ts'

const CHECK: Check = {
  id: 'ingress-backend-missing',
  title: 'An Ingress leads to a Service or port that is not there',
  severity: 'medium',
  category: 'reliability',
  profiles: ['default'],
  aliases: { 'kube-linter': 'dangling-ingress', 'kube-score': 'ingress-targets-service', popeye: '1401' },
  references: ['https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource'],
}

/** The AWS Load Balancer Controller: the backend is an action that an annotation of this name tells. */
const BY_ANNOTATION = 'use-annotation'

export const ingressBackendMissing: Join = {
  check: CHECK,
  *verdicts(cluster) {
    const pods = podsOf(cluster)
    for (const object of cluster.ofKind('Ingress', 'networking.k8s.io')) {
      const missed: { readonly path: Path; readonly says: string }[] = []
      for (const reference of references(object)) {
        const says = reference.port === BY_ANNOTATION ? undefined : missingBackend(pods.services, reference)
        if (says !== undefined) missed.push({ path: reference.path, says })
      }
      if (missed.length === 0) {
        yield passed(CHECK, object)
        continue
      }
      const text = `leads to ${namesText(missed.map(({ says }) => says))}`
      const reasons = missed.slice(0, 10).map(({ path, says }) => because(says, object, path))
      const paths = missed.map(({ path }) => path)
      const hiding = hidingIn(cluster)
      yield hiding
        ? undecided(CHECK, object, `${text}; ${hiding.kind} ${hiding.name} may make it`, reasons, ...paths)
        : failed(CHECK, object, text, reasons, ...paths)
    }
  },
}
