import type { PolicyRule } from '../../../cluster/rbac.ts'

/** One right for people: `get secrets`, `list pods.metrics.k8s.io`, `get secrets db`, `get /metrics`. */
export function formatRight({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  const [verb = ''] = verbs
  const [url] = nonResourceURLs
  if (url !== undefined) return `${verb} ${url}`
  const [group = ''] = apiGroups
  const [resource = ''] = resources
  const kind = `${resource}${group === '' ? '' : `.${group}`}`
  return `${verb} ${kind}${resourceNames.length === 0 ? '' : ` ${resourceNames.join(', ')}`}`
}
