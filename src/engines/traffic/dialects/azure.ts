import type { KubeObject } from '../../../cluster/object.ts'
import { Annotations } from './annotations.ts'
import { atCloud, namedByAnnotation, namedByField } from './clouds.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { partOf } from './fields.ts'
import { byDefault, dialect, found, inert } from './found.ts'
import { atoi } from './numbers.ts'
import { timeoutLimit } from './shapes.ts'

const PREFIX = 'appgw.ingress.kubernetes.io'
const POLICY = 'WAF policy'

/** Azure: Application Gateway’s ingress controller, and the policy kind of Application Gateway for Containers. */
export const AZURE = dialect('azure', 'Azure Application Gateway', read)

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined)
    yield byDefault(
      atCloud(timeoutLimit('backend', 30)),
      settings,
      'the gateway waits 30 seconds for a backend by default',
    )
  else if (object.kind === 'Ingress') {
    yield* namedByAnnotation(object, `${PREFIX}/waf-policy-for-path`, POLICY)
    yield* requestTimeout(object)
  } else if (object.group === 'alb.networking.azure.io' && object.kind === 'WebApplicationFirewallPolicy')
    yield* namedByField(partOf(object, 'spec', 'webApplicationFirewall', 'id'), POLICY)
}

function* requestTimeout(object: KubeObject): Iterable<FoundLimit> {
  const written = new Annotations(object, [PREFIX]).get('request-timeout')
  const seconds = written && atoi(written.value)
  if (!written) return
  const limit = atCloud(timeoutLimit('backend', seconds))
  yield seconds === undefined || seconds < 1
    ? inert(limit, 'ignored-value', 'it is no number of seconds', written.because)
    : found(limit, written.because)
}
