import type { Check, Join } from '../../check.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { exposedWorkloads } from './exposed.ts'

const CHECK: Check = {
  id: 'internet-exposed',
  title: 'The internet reaches the workload',
  severity: 'low',
  category: 'security',
  profiles: [],
  aliases: { kubescape: 'C-0256, C-0266' },
  references: [
    'MITRE ATT&CK T1190',
    'https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types',
  ],
}

/** What the exposure edges of the graph say, as a check. */
export const internetExposed: Join = {
  check: CHECK,
  *verdicts(cluster) {
    for (const { object, ways } of exposedWorkloads(cluster)) {
      const way = ways.find(({ truth }) => truth === 'yes') ?? ways[0]
      const path = way?.because.find((each) => each.object === object)?.path ?? ['metadata', 'name']
      const through =
        way && `through ${way.rule.slice(0, way.rule.indexOf('/'))} ${way.rule.slice(way.rule.indexOf('/') + 1)}`
      if (!way) yield passed(CHECK, object)
      else if (way.truth === 'yes')
        yield failed(CHECK, object, `reached from the internet ${through}`, way.because, path)
      else yield undecided(CHECK, object, `may be reached from the internet ${through}`, way.because, path)
    }
  },
}
