import { at, string } from '../json.ts'
import { currentGroup, typeName } from '../kinds.ts'
import type { KubeObject } from '../object.ts'
import { type Claim, isName } from './claim.ts'
import { type Mark, type Place, textAt } from './places.ts'

const TRACKING = 'argocd.argoproj.io/tracking-id'
const MAX_TRACKING = 1024

export interface TrackingId {
  /** The namespace of the Argo CD Application; empty when it is Argo CD's own. */
  readonly applicationNamespace: string
  readonly application: string
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** argo-cd util/argo/resource_tracking.go: `<app>:<group>/<kind>:<namespace>/<name>`, the app as `<namespace>_<name>` where it may live anywhere. */
export function parseTrackingId(text: string): TrackingId | undefined {
  const first = text.indexOf(':')
  const second = text.indexOf(':', first + 1)
  if (first < 1 || second < 0) return undefined
  const app = text.slice(0, first)
  const [group, kind, ...noKind] = text.slice(first + 1, second).split('/')
  const [namespace, name, ...noName] = text.slice(second + 1).split('/')
  if (group === undefined || !kind || namespace === undefined || !name || noKind.length + noName.length > 0)
    return undefined
  const underscore = app.indexOf('_')
  return {
    applicationNamespace: underscore < 0 ? '' : app.slice(0, underscore),
    application: app.slice(underscore + 1),
    group,
    kind,
    namespace,
    name,
  }
}

/**
 * An object that another copied, annotations and all, carries a tracking id that is not about itself: Argo CD ignores
 * it (controller/state.go isSelfReferencedObj). What has no namespace carries the one its application is deployed to.
 */
export function readArgo(place: Place, into: Claim[]): void {
  const text = place.where === 'template' ? undefined : textAt(place, 'annotations', TRACKING)
  const id = text === undefined || text.length > MAX_TRACKING ? undefined : parseTrackingId(text)
  const { group, kind, namespace, name } = place.object
  if (!id || id.name !== name || id.kind !== kind || currentGroup(id.group, id.kind) !== group) return
  if ((namespace !== '' && id.namespace !== namespace) || !isName(id.application)) return
  const scope = `argocd/${id.applicationNamespace}`
  const evidence: Mark = { place, from: 'annotations', key: TRACKING }
  into.push({ step: 3, source: 'argocd', rank: 0, name: id.application, scope, evidence })
}

const FLUX = [
  { source: 'flux-helm', name: 'helm.toolkit.fluxcd.io/name', namespace: 'helm.toolkit.fluxcd.io/namespace', rank: 1 },
  {
    source: 'flux-kustomize',
    name: 'kustomize.toolkit.fluxcd.io/name',
    namespace: 'kustomize.toolkit.fluxcd.io/namespace',
    rank: 2,
  },
] as const

/** Flux labels what its HelmReleases and Kustomizations apply with the name and namespace of that object. */
export function readFlux(place: Place, into: Claim[]): void {
  for (const { source, name: key, namespace: namespaceKey, rank } of FLUX) {
    const name = textAt(place, 'labels', key)
    const namespace = name === undefined ? undefined : textAt(place, 'labels', namespaceKey)
    if (!isName(name) || namespace === undefined) continue
    const evidence: Mark = { place, from: 'labels', key }
    into.push({ step: 3, source, rank, name: name.trim(), scope: `${source}/${namespace}`, evidence })
  }
}

/** Objects that deploy an application: what runs of it may be hidden behind them. */
export function deploys(
  type: string,
): Extract<Claim['source'], 'argocd' | 'flux-helm' | 'flux-kustomize' | 'helm'> | undefined {
  switch (type) {
    case 'Application.argoproj.io':
      return 'argocd'
    case 'HelmRelease.helm.toolkit.fluxcd.io':
      return 'flux-helm'
    case 'Kustomization.kustomize.toolkit.fluxcd.io':
      return 'flux-kustomize'
    case 'HelmRelease.helm.fluxcd.io':
    case 'HelmChart.helm.cattle.io':
      return 'helm'
    default:
      return undefined
  }
}

/** The rank of a claim by the object that deploys an application, before all others of its step. */
export const DEPLOYS = -1

/** The application that an Argo CD Application or a Flux release deploys is the one it belongs to. */
export function deployed(object: KubeObject): Claim[] {
  const source = deploys(typeName(object.group, object.kind))
  // A Kustomization applies a folder: many applications or one, so by itself it names none.
  if (source === undefined || source === 'flux-kustomize') return []
  const release = string(at(object.body, 'spec', 'releaseName')) ?? object.name
  const name = source === 'helm' ? release : object.name
  const evidence = { text: `the ${object.kind} ${object.name} deploys it`, object }
  // Argo CD names an application in its own namespace without it, and the input does not say which one that is.
  const scopes =
    source === 'helm' ? [targetOf(object)] : source === 'argocd' ? [object.namespace, ''] : [object.namespace]
  return scopes.map((scope) => ({ step: 3, source, rank: DEPLOYS, name, scope: `${source}/${scope}`, evidence }))
}

/** The namespace that it deploys to. */
export function targetOf(object: KubeObject): string {
  const { body } = object
  return (
    string(at(body, 'spec', 'targetNamespace')) ??
    string(at(body, 'spec', 'destination', 'namespace')) ??
    object.namespace
  )
}
