import { because } from '../../../cluster/because.ts'
import { attachments } from '../../../cluster/gateway-api/attachments.ts'
import type { Check, Join } from '../../check.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { ROUTES } from './route-backend-missing.ts'

const CHECK: Check = {
  id: 'route-not-attached',
  title: 'A route is attached to no Gateway',
  severity: 'medium',
  category: 'reliability',
  profiles: [],
  aliases: {},
  references: ['https://gateway-api.sigs.k8s.io/concepts/api-overview/#attaching-routes-to-gateways'],
}

const PATH = ['spec', 'parentRefs'] as const

/** A route that no listener of its parents takes, by kind, host name, port or namespace, is served nowhere. */
export const routeNotAttached: Join = {
  check: CHECK,
  *verdicts(cluster) {
    for (const object of ROUTES.flatMap((kind) => cluster.ofKind(kind, 'gateway.networking.k8s.io'))) {
      const found = attachments(cluster, object)
      const unsure = found.find(({ truth }) => truth === 'unknown')
      // A route whose only parents are Services is one of the mesh.
      if (found.length === 0 || found.some(({ truth }) => truth === 'yes')) yield passed(CHECK, object)
      else if (unsure) {
        const why = unsure.because.find((each) => each.text.includes('not in the input'))
        yield undecided(CHECK, object, why?.text ?? 'whether its Gateway takes it is not known', unsure.because, PATH)
      } else {
        const reasons = [because('refers to it', object, PATH), ...found.flatMap((each) => each.because)]
        yield failed(CHECK, object, 'no listener of its parents takes it', reasons, PATH)
      }
    }
  },
}
