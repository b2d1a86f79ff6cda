import type { Applications } from '../cluster/application/application.ts'
import { idOf, idParts } from '../cluster/object.ts'
import type { Worth } from '../engines/traffic/overload/exhaustion.ts'
import type { Weights } from './weights.ts'

/**
 * What the availability of each application is worth (the asset `availability` of docs/reference/risk.md), and how likely
 * sources are: a client as an exposed entry, an identity as a credential, a pod and a growing workload as a workload.
 */
export function availabilityOf(applications: Applications, { assets, entries, overrides }: Weights): Worth {
  const values = new Map<string, number>()
  for (const { id, workloads } of applications.all) {
    if (workloads.length === 0) continue
    const { namespace, name } = idParts(id)
    const asset = idOf('availability', namespace, name)
    values.set(id, Object.hasOwn(overrides, asset) ? (overrides[asset] as number) : assets.availability)
  }
  return {
    of: (application) => values.get(application) ?? 0,
    total: [...values.values()].reduce((sum, each) => sum + each, 0),
    likely: {
      client: entries.exposed,
      identity: entries.credential,
      pod: entries.workload,
      deployment: entries.workload,
    },
  }
}
