/** The name that ingress2gateway gives the HTTPRoute of one host of an Ingress (pkg/i2gw/providers/common). */
export function httpRouteName(ingress: string, host: string): string {
  const plain = host.replaceAll(/[^a-zA-Z0-9]+/g, '-').replace(/^-+/, '')
  return `${ingress}-${plain === '' ? 'all-hosts' : plain}`.slice(0, 253)
}
