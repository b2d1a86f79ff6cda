import { because } from '../../cluster/because.ts'
import type { Unknown } from '../engine.ts'
import { isUnreadRoute } from './exposure/custom-routes.ts'
import { exposures } from './exposure/exposures.ts'
import type { NetworkModel, NetworkOptions } from './model.ts'
import { products } from './products.ts'

const FEW = 5

/** What the network's answers rest on that the input does not show. */
export function* networkUnknowns(model: NetworkModel, options: NetworkOptions): Iterable<Unknown> {
  yield* enforcement(model)
  yield* unsupportedKinds(model)
  if (model.invalid.length > 0) {
    yield {
      id: 'network-policy-invalid',
      message: `${counted(model.invalid.length, 'network policy', 'network policies')} would be refused by the API server; what they select is kept as reachable and marked`,
      count: model.invalid.length,
      because: model.invalid
        .slice(0, FEW)
        .flatMap(({ object, refusals }) => refusals.slice(0, 1).map(({ path, why }) => because(why, object, path))),
      settle: 'correct the policies',
    }
  }
  const { unseen } = model.selection
  if (unseen.size > 0) {
    yield {
      id: 'network-namespace-labels',
      message: `policies ask for labels of ${counted(unseen.size, 'namespace', 'namespaces')} not in the input: ${[...unseen].sort().slice(0, FEW).join(', ')}`,
      count: unseen.size,
      because: [],
      settle: 'add the Namespace objects to the input',
    }
  }
  if (products(model).isCoarse) {
    yield {
      id: 'network-too-many-policies',
      message: `${counted(model.policies.length, 'network policy is', 'network policies are')} too distinct to be told apart: everyone is kept as possibly reaching everyone`,
      count: model.policies.length,
      because: model.policies.slice(0, FEW).map(({ object }) => because('is one of them', object, ['spec'])),
      settle: 'write policies that several workloads share',
    }
  }
  yield* exposureUnknowns(model, options)
}

function* enforcement({ enforcement: { truth, because: reasons }, policies }: NetworkModel): Iterable<Unknown> {
  if (policies.length === 0 || truth === 'yes') return
  const count = counted(policies.length, 'network policy', 'network policies')
  yield truth === 'no'
    ? {
        id: 'network-not-enforced',
        message: `${count} cut nothing: nobody enforces them`,
        count: policies.length,
        because: reasons,
        settle: 'install a network plugin that enforces network policies, or pass --enforced yes if one does',
      }
    : {
        id: 'network-enforcer-unseen',
        message: `${count} are taken to cut as written, though no enforcer was seen`,
        count: policies.length,
        because: reasons,
        settle: 'add the pods of kube-system to the input, or pass --enforced yes or no',
      }
}

/** One for each kind, by its name. */
function* unsupportedKinds({ unsupported }: NetworkModel): Iterable<Unknown> {
  for (const [kind, policies] of Map.groupBy(unsupported, ({ object }) => `${object.kind}.${object.group}`)) {
    yield {
      id: 'network-unsupported-kind',
      message: `unsupported kind ${kind}: ${counted(policies.length, 'object is', 'objects are')} not evaluated; what they may allow or deny is marked unknown`,
      count: policies.length,
      because: policies.slice(0, FEW).map(({ object }) => because('is not evaluated', object, ['spec'])),
      settle: `look at the reach of what its ${kind} objects select by hand`,
    }
  }
}

function* exposureUnknowns(model: NetworkModel, options: NetworkOptions): Iterable<Unknown> {
  const uncertain = exposures(model.cluster, options).filter(
    ({ truth, kind }) => truth === 'unknown' && /node-port|host|external-ip/.test(kind),
  )
  if (uncertain.length > 0) {
    yield {
      id: 'network-cloud-firewall',
      message: `${counted(uncertain.length, 'way', 'ways')} in at the addresses of nodes: no firewall before the nodes was exported`,
      count: uncertain.length,
      because: uncertain.slice(0, FEW).flatMap((exposure) => exposure.because.slice(0, 1)),
      settle: 'close the ports, or check the firewall in front of the nodes',
    }
  }
  const unread = model.cluster.objects.filter(isUnreadRoute)
  for (const [kind, objects] of Map.groupBy(unread, (object) => `${object.kind}.${object.group}`)) {
    yield {
      id: 'network-unread-route',
      message: `unsupported kind ${kind}: what ${counted(objects.length, 'object exposes', 'objects expose')} is not known`,
      count: objects.length,
      because: objects.slice(0, FEW).map((object) => because('is not read', object, ['spec'])),
      settle: `look at what its ${kind} objects expose by hand`,
    }
  }
  const blind = model.services.unresolved.filter(({ object }) => object.id !== 'Service/default/kubernetes')
  if (blind.length > 0) {
    yield {
      id: 'network-service-without-selector',
      message: `${counted(blind.length, 'Service has', 'Services have')} no selector, nor endpoints that are all known to be pods of the input`,
      count: blind.length,
      because: blind.slice(0, FEW).map(({ object }) => because('has no selector', object, ['spec'])),
      settle: 'add its EndpointSlices and pods to the input',
    }
  }
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
