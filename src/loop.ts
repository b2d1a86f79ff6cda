import { serviceAccountMay } from './authz/service-account.ts'
import type { Applications } from './cluster/application/application.ts'
import type { ApplicationConfig } from './cluster/application/config.ts'
import { resolveApplications } from './cluster/application/resolve.ts'
import { buildCluster, type Cluster } from './cluster/cluster.ts'
import { type Dependencies, dependenciesOf } from './cluster/external/external.ts'
import { stores } from './cluster/external/stores.ts'
import { accessEngine, policyOf } from './engines/access/access.ts'
import { mountedToken } from './engines/access/rules/token.ts'
import type { Edge, Engine, Finding, Unknown } from './engines/engine.ts'
import { escapeEngine } from './engines/escape/escape.ts'
import { wallOf } from './engines/escape/wall.ts'
import type { Known } from './engines/known.ts'
import { controlPlaneReaches, reaches, reachesApiServer } from './engines/network/api-server.ts'
import { exposures } from './engines/network/exposure/exposures.ts'
import { type Enforced, networkModel } from './engines/network/model.ts'
import { networkEngine } from './engines/network/network.ts'
import { admits } from './engines/policy/pod-security.ts'
import { inputFindings, inputUnknowns } from './input.ts'
import type { Input } from './observe/files/read.ts'
import { type Judgement, judge } from './radius/judge.ts'
import { SHIPPED, type Weights } from './radius/weights.ts'

export interface Options {
  /** `--kubernetes-version`. */
  readonly version?: string
  readonly enforced?: Enforced
  readonly weights?: Weights
  readonly applications?: ApplicationConfig
}

/** Everything that one look at a cluster gives; reports are made of it and of nothing else. */
export interface Analysis extends Judgement {
  readonly input: Input
  readonly cluster: Cluster
  readonly applications: Applications
  readonly dependencies: Dependencies
  readonly findings: readonly Finding[]
  readonly unknowns: readonly Unknown[]
  readonly weights: Weights
}

/** The one composition: reads nothing, writes nothing, and is the only place where engines meet. */
export function analyse(input: Input, options: Options = {}): Analysis {
  const cluster = buildCluster({
    objects: input.objects,
    listed: input.listed,
    locate: input.locate,
    ...(input.serverVersion === undefined ? {} : { serverVersion: input.serverVersion }),
    ...(options.version === undefined ? {} : { version: options.version }),
  })
  const weights = options.weights ?? SHIPPED
  const network = { enforced: options.enforced ?? 'assume' } as const
  const applications = resolveApplications(cluster, options.applications)
  const dependencies = dependenciesOf(cluster)
  const keepers = new Map(stores(cluster).map((store) => [store.workload, { claims: store.claims }]))
  const model = networkModel(cluster, network)
  const known: Known = {
    reachesApiServer: (workload) => reachesApiServer(model, workload),
    controlPlaneReaches: (workload) => controlPlaneReaches(model, workload),
    reaches: (from, to, ports) => reaches(model, from, to, ports),
    admits: (namespace, level) => admits(cluster, namespace, level),
    isWalled: (workload) => workload.specs.every((shape) => wallOf(cluster, shape) !== undefined),
    dependencies,
    isStore: (workload) => keepers.has(workload),
    applicationOf: (workload) => applications.applicationOf(workload)?.id,
    mountsToken: (workload, shape) => mountedToken(cluster, workload, shape),
    authorizes: (request) => serviceAccountMay(policyOf(cluster), request),
  }
  const engines: readonly Engine[] = [accessEngine, networkEngine(network), escapeEngine]
  const edges: Edge[] = engines.flatMap((engine) => [...engine.edges(cluster, known)])
  const exposed = new Map<string, 'yes' | 'unknown'>()
  for (const { workload, truth } of exposures(cluster, network))
    if (exposed.get(workload) !== 'yes') exposed.set(workload, truth)
  return {
    input,
    cluster,
    applications,
    dependencies,
    weights,
    findings: [
      ...inputFindings(input, cluster, applications),
      ...engines.flatMap((engine) => [...engine.findings(cluster, known)]),
    ],
    unknowns: [
      ...inputUnknowns(input, cluster, dependencies),
      ...engines.flatMap((engine) => [...engine.unknowns(cluster, known)]),
    ],
    ...judge({ cluster, applications, stores: keepers, edges, exposed, weights }),
  }
}
