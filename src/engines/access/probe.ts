/** One kind of request, whatever it names. */
export interface Probe {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
}

const PROBES = new Map<string, Probe>()

/** `probe('create', '', 'pods/exec')`. Equal ones are one: what a role grants is remembered by the probe's identity. */
export function probe(verb: string, group: string, resourceAndSub: string): Probe {
  const id = `${verb} ${group} ${resourceAndSub}`
  const [resource, subresource = ''] = resourceAndSub.split('/') as [string, string?]
  const made = PROBES.get(id) ?? { verb, group, resource, subresource }
  PROBES.set(id, made)
  return made
}

export function probes(verbs: readonly string[], group: string, resources: readonly string[]): readonly Probe[] {
  return resources.flatMap((resource) => verbs.map((verb) => probe(verb, group, resource)))
}
