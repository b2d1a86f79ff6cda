import { dump } from 'js-yaml'
import type { JsonObject } from '../../../cluster/json.ts'
import type { Limit } from '../limit.ts'
import type { NativeTarget } from './writer.ts'

const FILTER = 'envoy.extensions.filters.http'
const typed = (name: string, rest: JsonObject): JsonObject => ({ '@type': `type.googleapis.com/${name}`, ...rest })

/** No limit of its own: only descriptors refuse. The rate must not make a bucket that takes longer to fill than 1970 is past. */
const OPEN = { max_tokens: 4_294_967_295, tokens_per_fill: 4_294_967_295, fill_interval: '1s' }

/**
 * What an Envoy proxy of Envoy Gateway is told, for an Envoy that runs by itself (1.40): a `local_ratelimit` filter for each
 * rule, per client by a descriptor `remote_address` without a value; `buffer` for bodies; a circuit breaker.
 */
export function envoyYaml(limits: readonly Limit[], native: NativeTarget): string {
  const body = limits.find(({ kind }) => kind === 'body')
  const rates = limits.filter(({ kind }) => kind === 'requests')
  const inFlight = limits.find(({ kind, code }) => kind === 'connections' && code !== undefined)
  const backend = limits.find(({ kind, of }) => kind === 'timeout' && of === 'backend')
  const manager = typed('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: 'ingress',
    use_remote_address: true,
    http_filters: [
      ...rates.map((limit, index) => unlessExempt(filter(`local_ratelimit_${index}`, rateLimit(limit, index)), limit)),
      ...(body
        ? [filter('buffer', typed(`${FILTER}.buffer.v3.Buffer`, { max_request_bytes: body.body as number }))]
        : []),
      filter('router', typed(`${FILTER}.router.v3.Router`, {})),
    ],
    access_log: [
      {
        name: 'file',
        typed_config: typed('envoy.extensions.access_loggers.file.v3.FileAccessLog', {
          path: `${native.folder}/access.log`,
          log_format: {
            text_format_source: {
              inline_string:
                '%START_TIME(%s.%6f)% %RESPONSE_CODE% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DURATION%\n',
            },
          },
        }),
      },
    ],
    route_config: {
      virtual_hosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [
            {
              match: { prefix: '/' },
              route: { cluster: 'backend', ...(backend ? { timeout: `${backend.seconds}s` } : {}) },
            },
          ],
        },
      ],
    },
  })
  const document: JsonObject = {
    static_resources: {
      listeners: [
        {
          name: 'listener',
          address: address(native.listen),
          filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
        },
      ],
      clusters: [
        {
          name: 'backend',
          type: 'STATIC',
          connect_timeout: '1s',
          ...(inFlight ? { circuit_breakers: { thresholds: [{ max_requests: inFlight.connections as number }] } } : {}),
          load_assignment: {
            cluster_name: 'backend',
            endpoints: [{ lb_endpoints: [{ endpoint: { address: address(native.backend) } }] }],
          },
        },
      ],
    },
  }
  return dump(document, { lineWidth: -1, noRefs: true })
}

function filter(name: string, config: JsonObject): JsonObject {
  return { name, typed_config: config }
}

/** Addresses that a limit does not count skip its filter. */
function unlessExempt(inner: JsonObject, { exempt = [] }: Limit): JsonObject {
  if (exempt.length === 0) return inner
  const ranges = exempt.map((each) => {
    const slash = each.indexOf('/')
    return { address_prefix: each.slice(0, slash), prefix_len: Number(each.slice(slash + 1)) }
  })
  const input = typed('envoy.extensions.matching.common_inputs.network.v3.SourceIPInput', {})
  const matcher = typed('envoy.extensions.matching.input_matchers.ip.v3.Ip', {
    cidr_ranges: ranges,
    stat_prefix: 'exempt',
  })
  const skip = typed('envoy.extensions.filters.common.matcher.action.v3.SkipFilter', {})
  const match = {
    predicate: {
      single_predicate: {
        input: { name: 'source_ip', typed_config: input },
        custom_match: { name: 'ip', typed_config: matcher },
      },
    },
    on_match: { action: { name: 'skip', typed_config: skip } },
  }
  return filter(
    inner.name as string,
    typed('envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
      xds_matcher: { matcher_list: { matchers: [match] } },
      extension_config: inner,
    }),
  )
}

function rateLimit(limit: Limit, index: number): JsonObject {
  const tokens = (limit.burst ?? 0) + 1
  const bucket = { max_tokens: tokens, tokens_per_fill: limit.rate as number, fill_interval: `${limit.period ?? 1}s` }
  const descriptor = descriptorOf(limit)
  const share = (percent: number): JsonObject => ({ default_value: { numerator: percent, denominator: 'HUNDRED' } })
  return typed(`${FILTER}.local_ratelimit.v3.LocalRateLimit`, {
    stat_prefix: `limit_${index}`,
    token_bucket: descriptor === undefined ? bucket : OPEN,
    filter_enabled: share(100),
    // Enforced for none: it counts, and refuses nobody.
    filter_enforced: share(limit.shadow ? 0 : 100),
    ...(descriptor === undefined
      ? {}
      : {
          rate_limits: [{ actions: [descriptor.action] }],
          descriptors: [{ entries: [{ key: descriptor.key }], token_bucket: bucket }],
        }),
  })
}

function descriptorOf({ key }: Limit): { readonly key: string; readonly action: JsonObject } | undefined {
  if (key.kind === 'everyone') return undefined
  if (key.kind === 'header')
    return { key: 'header', action: { request_headers: { header_name: key.name, descriptor_key: 'header' } } }
  return { key: 'remote_address', action: { remote_address: {} } }
}

function address(text: string): JsonObject {
  const colon = text.lastIndexOf(':')
  return { socket_address: { address: text.slice(0, colon), port_value: Number(text.slice(colon + 1)) } }
}
