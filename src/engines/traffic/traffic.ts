import type { Engine } from '../engine.ts'
import { boundFindings } from './bounds/findings.ts'
import { frontFindings } from './front/findings.ts'
import { routeFindings, routeUnknowns } from './routes/findings/findings.ts'

/** Denial of service: limits that do nothing, ways around whoever stands in front, growth without an end. No edge: nobody gains control by it. */
export const trafficEngine: Engine = {
  name: 'traffic',
  *edges() {},
  *findings(cluster, known) {
    yield* routeFindings(cluster, known)
    yield* frontFindings(cluster, known)
    yield* boundFindings(cluster, known)
  },
  *unknowns(cluster, known) {
    yield* routeUnknowns(cluster, known)
  },
}
