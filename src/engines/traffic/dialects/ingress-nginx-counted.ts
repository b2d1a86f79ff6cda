import { type Because, because } from '../../../cluster/because.ts'
import type { Truth } from '../../../cluster/labels.ts'
import type { Limit } from '../limit.ts'
import { type Annotations, flag, parseBool, type Written } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { found, type InertRule, inert, unread } from './found.ts'
import { connCode, limitKey, reqCode } from './ingress-nginx-settings.ts'
import { exemptsEveryone, networks } from './networks.ts'
import { atoi } from './numbers.ts'
import { connectionLimit, requestLimit } from './shapes.ts'
import { isAtLeast } from './versions.ts'

/** internal/ingress/annotations/ratelimit/main.go: `defBurst`. */
const BURST_MULTIPLIER = 5

/** limit-connections, limit-rps, limit-rpm: what they count by, whom they exempt and what a wrong value does. */
export function* ingressNginxCounted(annotations: Annotations, settings: Settings): Iterable<FoundLimit> {
  const allowlist = annotations.get(...allowlistNames(settings))
  const exempt = allowlist && networks(allowlist.value.split(','))
  const multiplier = annotations.get('limit-burst-multiplier')
  const factor = (multiplier && atoi(multiplier.value)) ?? BURST_MULTIPLIER
  const common = {
    key: limitKey(settings),
    scope: 'replica' as const,
    ...(exempt && exempt.length > 0 ? { exempt } : {}),
  }
  const reasons = [multiplier, allowlist].filter((each) => each !== undefined).map((each) => each.because)
  for (const name of ['limit-connections', 'limit-rps', 'limit-rpm'] as const) {
    const written = annotations.get(name)
    if (!written) continue
    const value = atoi(written.value)
    const limit =
      name === 'limit-connections'
        ? connectionLimit(value, { ...common, code: connCode(settings) })
        : requestLimit('leaky-bucket', {
            rate: value,
            period: name === 'limit-rps' ? 1 : 60,
            burst: (value ?? 0) * factor,
            ...common,
            code: reqCode(settings),
          })
    const because = [written.because, ...(name === 'limit-connections' ? reasons.slice(multiplier ? 1 : 0) : reasons)]
    if (allowlist && exempt === undefined) yield misread(limit, allowlist, settings, 'no limit of the Ingress', because)
    else if (value === undefined) yield misread(limit, written, settings, `no ${name}`, because)
    else if (value <= 0) yield inert(limit, 'ignored-value', `${name} is made into nothing below 1`, ...because)
    else if (exemptsEveryone(exempt)) yield inert(limit, 'exempts-everyone', 'every IPv4 client is exempt', ...because)
    else yield* checkedByNginx(limit, name, value, factor, because)
  }
}

/** limit-allowlist came with 1.9.0; before, and still as an alias, limit-whitelist. */
function allowlistNames(settings: Settings): readonly string[] {
  return isAtLeast(settings, 1, 9) === 'no' ? ['limit-whitelist'] : ['limit-allowlist', 'limit-whitelist']
}

/** What ngx_http_limit_req_module and ngx_http_limit_conn_module do not take stops every reload of the configuration. */
function* checkedByNginx(
  limit: Limit,
  name: string,
  value: number,
  factor: number,
  because: readonly Because[],
): Iterable<FoundLimit> {
  const breaks = (why: string): FoundLimit => inert(limit, 'breaks-configuration', why, ...because)
  if (name === 'limit-connections') {
    yield value > 65_535
      ? breaks('nginx refuses limit_conn above 65535, and with it the configuration of every route')
      : found(limit, ...because)
    return
  }
  if (factor <= 0) yield breaks(`nginx refuses burst=${value * factor}, and with it the configuration of every route`)
  else if (!Number.isSafeInteger(value * factor * 1000))
    yield unread(limit, 'what nginx makes of a number so large', ...because)
  else yield found(limit, ...because)
}

/** `--enable-annotation-validation`, true by default since 1.12.0. */
export function isValidated(settings: Settings): Truth {
  const said = flag(settings, 'enable-annotation-validation')
  if (!said) return isAtLeast(settings, 1, 12)
  return parseBool(said.value) === false ? 'no' : 'yes'
}

/** Where annotations are validated, the Ingress is refused; else the annotation is overlooked. */
function misread(
  limit: Limit,
  written: Written,
  settings: Settings,
  lost: string,
  reasons: readonly Because[],
): FoundLimit {
  const validated = isValidated(settings)
  const [rule, what]: readonly [InertRule, string] =
    validated === 'yes'
      ? ['refused-object', 'the controller refuses the Ingress']
      : validated === 'no'
        ? ['ignored-value', `the controller sets ${lost}`]
        : ['ignored-value', `the controller sets ${lost}, or refuses the Ingress (since 1.12.0)`]
  return {
    limit,
    because: reasons,
    inert: { rule, because: [because(`for this value ${what}`, written.because.object, written.because.path)] },
  }
}
