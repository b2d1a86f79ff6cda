import { list, string } from '../../../cluster/json.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import { annotated } from './annotations.ts'
import { atCloud, namedByAnnotation, namedByField, outside } from './clouds.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { inside, itemsOf, partOf, quote, says } from './fields.ts'
import { byDefault, dialect, found, inert, unread } from './found.ts'
import { atoi } from './numbers.ts'
import { timeoutLimit } from './shapes.ts'

const PREFIX = 'alb.ingress.kubernetes.io'
const ACL = 'AWS WAF web ACL'
const SHIELD = 'AWS Shield Advanced'
const IDLE = 'idle_timeout.timeout_seconds'

/** AWS Load Balancer Controller 3.5.0: annotations of an Ingress, LoadBalancerConfiguration of a Gateway. */
export const AWS_ALB = dialect('aws-alb', 'AWS Application Load Balancer', read)

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined)
    yield byDefault(
      atCloud(timeoutLimit('idle', 60)),
      settings,
      'a load balancer keeps an idle connection for 60 seconds by default',
    )
  else if (object.kind === 'Ingress') yield* ingress(object)
  else if (object.group === 'gateway.k8s.aws' && object.kind === 'LoadBalancerConfiguration')
    yield* configuration(object)
}

function* ingress(object: KubeObject): Iterable<FoundLimit> {
  for (const name of ['wafv2-acl-arn', 'wafv2-acl-name', 'waf-acl-id', 'web-acl-id'])
    yield* namedByAnnotation(object, `${PREFIX}/${name}`, ACL)
  const annotations = annotationsOf(object.body)
  const shield = annotations.get(`${PREFIX}/shield-advanced-protection`)
  if (shield !== undefined) {
    const why = annotated(object, `${PREFIX}/shield-advanced-protection`, shield)
    yield shield === 'true'
      ? unread(outside(SHIELD, ''), `what ${SHIELD} does`, why)
      : inert(outside(SHIELD, ''), 'unlimited', `${SHIELD} is off`, why)
  }
  const attributes = annotations.get(`${PREFIX}/load-balancer-attributes`)
  const said = attributes
    ?.split(',')
    .map((each) => each.trim())
    .find((each) => each.startsWith(`${IDLE}=`))
  if (attributes !== undefined && said !== undefined)
    yield idle(said.slice(IDLE.length + 1), annotated(object, `${PREFIX}/load-balancer-attributes`, attributes))
}

function idle(text: string, why: FoundLimit['because'][number]): FoundLimit {
  const seconds = atoi(text)
  const limit = atCloud(timeoutLimit('idle', seconds))
  return seconds === undefined || seconds < 1 || seconds > 4000
    ? inert(limit, 'refused-object', 'AWS takes 1 to 4000 seconds', why)
    : found(limit, why)
}

function* configuration(object: KubeObject): Iterable<FoundLimit> {
  yield* namedByField(partOf(object, 'spec', 'wafV2', 'webACL'), ACL)
  const shield = partOf(object, 'spec', 'shieldConfiguration', 'enabled')
  if (shield.value === true) yield unread(outside(SHIELD, ''), `what ${SHIELD} does`, says(shield, `${SHIELD} is on`))
  const attributes = partOf(object, 'spec', 'loadBalancerAttributes')
  if (list(attributes.value).length === 0) return
  for (const each of itemsOf(attributes))
    if (inside(each, 'key').value === IDLE) {
      const value = string(inside(each, 'value').value) ?? ''
      yield idle(value, says(each, `${IDLE} is ${quote(value)}`))
    }
}
