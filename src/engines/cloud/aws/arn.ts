/** `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`; the resource may hold colons. */
export interface Arn {
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly account: string
  readonly resource: string
}

/** The six parts of an ARN; fewer where the text has fewer colons. */
export function arnParts(text: string): readonly string[] {
  const parts: string[] = []
  let from = 0
  while (parts.length < 5) {
    const colon = text.indexOf(':', from)
    if (colon < 0) break
    parts.push(text.slice(from, colon))
    from = colon + 1
  }
  parts.push(text.slice(from))
  return parts
}

export function parseArn(text: string): Arn | undefined {
  const [arn, partition, service, region, account, resource] = arnParts(text)
  if (arn !== 'arn' || resource === undefined) return undefined
  return {
    partition: partition as string,
    service: service as string,
    region: region as string,
    account: account as string,
    resource,
  }
}

/** The account that an ARN names; undefined where it names none (S3 buckets do not) or a pattern. */
export function accountOf(arn: string): string | undefined {
  const account = parseArn(arn)?.account
  return account !== undefined && /^\d{12}$/.test(account) ? account : undefined
}

/** Of `arn:aws:iam::1:role/path/NAME` the kind and the last part of the name: sessions leave the path away. */
export function entityOf(arn: string): { readonly kind: string; readonly name: string } | undefined {
  const resource = parseArn(arn)?.resource
  const slash = resource?.indexOf('/') ?? -1
  if (resource === undefined || slash < 0) return undefined
  return { kind: resource.slice(0, slash), name: resource.slice(resource.lastIndexOf('/') + 1) }
}
