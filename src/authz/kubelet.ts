import type { ResourceRequest } from './rules.ts'

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Paths of the kubelet with a right of their own beside `proxy`, and since which minor (KubeletFineGrainedAuthz). */
const FINE: readonly (readonly [path: string, subresource: string, since: number])[] = [
  ['/allocatedPods', 'pods', 37],
  ['/pods', 'pods', 33],
  ['/healthz', 'healthz', 33],
  ['/configz', 'configz', 33],
  ['/runningpods', 'pods', 33],
]

/** Paths for which `proxy` does not count. */
const OWN: readonly (readonly [path: string, subresource: string, since: number])[] = [
  ['/stats', 'stats', 0],
  ['/metrics', 'metrics', 0],
  ['/logs', 'log', 0],
  ['/checkpoint', 'checkpoint', 30],
  ['/statusz', 'statusz', 33],
  ['/flagz', 'configz', 33],
]

/**
 * What a kubelet asks the API server when its own API is called: any one of the requests is enough
 * (pkg/kubelet/server/auth.go GetRequestAttributes). Everything that has no right of its own is `nodes/proxy`: exec, run,
 * attach, port forwarding and logs of containers, by `get` where a client opens them with GET. `method` as HTTP has it.
 */
export function kubeletRequests(method: string, path: string, node: string, minor: number): readonly ResourceRequest[] {
  const verb = Object.hasOwn(VERBS, method) ? (VERBS[method] as string) : ''
  const fine = FINE.find(([prefix, , since]) => minor >= since && isBelow(path, prefix))
  const own = OWN.find(([prefix, , since]) => minor >= since && isBelow(path, prefix))
  const subresources = [...(fine ? [fine[1]] : []), own ? own[1] : 'proxy']
  return subresources.map((subresource) => ({
    verb,
    group: '',
    resource: 'nodes',
    subresource,
    namespace: '',
    name: node,
  }))
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}
