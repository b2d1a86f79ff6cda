import { type Claim, IN_NAMESPACE, isName } from './claim.ts'
import { type Mark, type Place, textAt } from './places.ts'

const RELEASE = 'meta.helm.sh/release-name'
const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace'

/** Helm 3 annotates what it installs, and only that: not pods, nor what a controller makes. Charts for Helm 2 used labels. */
export function readHelm(place: Place, into: Claim[]): void {
  const { object } = place
  const add = (name: string, scope: string, rank: number, from: Mark['from'], key: string): void => {
    into.push({ step: 5, source: 'helm', rank, name: name.trim(), scope, evidence: { place, from, key } })
  }
  const release = place.where === 'template' ? undefined : textAt(place, 'annotations', RELEASE)
  const legacy = textAt(place, 'labels', 'release')
  const stored = object.kind === 'Secret' ? textAt(place, 'labels', 'name') : undefined
  if (isName(release)) {
    const namespace = textAt(place, 'annotations', RELEASE_NAMESPACE) ?? object.namespace
    add(release, `helm/${namespace}`, 0, 'annotations', RELEASE)
  } else if (isName(legacy) && isChartOfHelm2(place)) {
    add(legacy, IN_NAMESPACE, 1, 'labels', 'release')
  } else if (isName(stored) && textAt(place, 'labels', 'owner') === 'helm') {
    // Helm keeps each revision of a release in a Secret of its own.
    add(stored, `helm/${object.namespace}`, 0, 'labels', 'name')
  }
}

/** `release` alone is also how Prometheus selects what it scrapes. */
function isChartOfHelm2(place: Place): boolean {
  const heritage = textAt(place, 'labels', 'heritage')
  return heritage === 'Helm' || heritage === 'Tiller' || textAt(place, 'labels', 'chart') !== undefined
}
