/**
 * Somebody between the clients and the cluster. `cdn`: its edges connect to the origin, which others may find too;
 * `attached`: it belongs to the cloud's load balancer and cannot be walked around by way of that.
 */
export type Provider =
  | 'cloudflare'
  | 'fastly'
  | 'cloudfront'
  | 'akamai'
  | 'azure-front-door'
  | 'google-front-end'
  | 'google-cloud-armor'
  | 'google-cloud-cdn'
  | 'aws-waf'
  | 'aws-shield'

export interface ProviderFacts {
  readonly id: Provider
  readonly title: string
  readonly kind: 'cdn' | 'attached'
  /** Whether address ranges can be given for it. */
  readonly ranges?: true
  /** Headers in which its edges tell the client's address, in small letters. */
  readonly headers: readonly string[]
  /** Ends of the host names of its edges. */
  readonly hosts: readonly string[]
}

export const PROVIDERS: readonly ProviderFacts[] = [
  {
    id: 'cloudflare',
    title: 'Cloudflare',
    kind: 'cdn',
    ranges: true,
    headers: ['cf-connecting-ip', 'cf-connecting-ipv6', 'cf-pseudo-ipv4'],
    hosts: ['.cdn.cloudflare.net', '.cfargotunnel.com'],
  },
  {
    id: 'fastly',
    title: 'Fastly',
    kind: 'cdn',
    ranges: true,
    headers: ['fastly-client-ip'],
    hosts: ['.fastly.net', '.fastlylb.net'],
  },
  {
    id: 'cloudfront',
    title: 'CloudFront',
    kind: 'cdn',
    ranges: true,
    headers: ['cloudfront-viewer-address'],
    hosts: ['.cloudfront.net'],
  },
  {
    id: 'akamai',
    title: 'Akamai',
    kind: 'cdn',
    ranges: true,
    // `True-Client-IP` is also what Cloudflare Enterprise sends: evidence of either.
    headers: ['true-client-ip'],
    hosts: ['.edgekey.net', '.edgesuite.net', '.akamaized.net', '.akamaiedge.net'],
  },
  {
    id: 'azure-front-door',
    title: 'Azure Front Door',
    kind: 'cdn',
    ranges: true,
    headers: ['x-azure-clientip', 'x-azure-socketip', 'x-azure-fdid'],
    hosts: ['.azurefd.net'],
  },
  { id: 'google-front-end', title: 'Google front end', kind: 'attached', ranges: true, headers: [], hosts: [] },
  { id: 'google-cloud-armor', title: 'Cloud Armor', kind: 'attached', headers: [], hosts: [] },
  { id: 'google-cloud-cdn', title: 'Cloud CDN', kind: 'attached', headers: [], hosts: [] },
  { id: 'aws-waf', title: 'AWS WAF', kind: 'attached', headers: [], hosts: [] },
  { id: 'aws-shield', title: 'AWS Shield', kind: 'attached', headers: [], hosts: [] },
]

export function providerFacts(id: Provider): ProviderFacts {
  return PROVIDERS.find((each) => each.id === id) as ProviderFacts
}

/** The provider whose edges send this header. */
export function providerOfHeader(header: string): Provider | undefined {
  const small = header.toLowerCase().trim()
  return PROVIDERS.find(({ headers }) => headers.includes(small))?.id
}

/** The provider whose edges have names that end so. */
export function providerOfHost(host: string): Provider | undefined {
  const small = host.toLowerCase().replace(/\.$/, '')
  return PROVIDERS.find(({ hosts }) => hosts.some((end) => small.endsWith(end)))?.id
}
