/** What flow control looks at of a request; an `Access` is one. */
export interface FlowRequest {
  readonly user: string
  readonly groups: readonly string[]
  readonly verb: string
  readonly group: string
  /** Empty for a request that is not for a resource. */
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly path: string
}
