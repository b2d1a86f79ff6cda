const VERBS: ReadonlySet<string> = new Set(['watch', 'proxy'])
const SUBRESOURCES: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward'])

interface Kind {
  readonly verb: string
  readonly resource: string
  readonly subresource: string
  readonly path: string
}

/**
 * Requests that last as long as their client wants (pkg/controlplane/apiserver/config.go and
 * apiserver/pkg/server/filters/longrunning.go): how long says nothing of the work.
 */
export function isLongRunning({ verb, resource, subresource, path }: Kind): boolean {
  if (VERBS.has(verb)) return true
  return resource === '' ? path.startsWith('/debug/pprof/') : SUBRESOURCES.has(subresource)
}
