import type { Cluster } from '../cluster.ts'
import type { KubeObject } from '../object.ts'
import type { ApplicationConflict } from './application.ts'
import { agree, becauseOf, type Claim, type Source } from './claim.ts'
import { namesUnit, winner } from './groups.ts'

/** `part-of` and `instance` are two levels of one statement; so are a Kustomization and the HelmRelease that it applies. */
const VOICES: Partial<Record<Source, string>> = {
  bulkhead: 'its own mark',
  'application-cr': 'the Application object',
  backstage: 'Backstage',
  argocd: 'Argo CD',
  'flux-helm': 'Flux',
  'flux-kustomize': 'Flux',
  'part-of': 'its labels',
  instance: 'its labels',
  helm: 'Helm',
}

const SAYS: Partial<Record<Source, string>> = {
  'flux-helm': 'the Flux HelmRelease',
  'flux-kustomize': 'the Flux Kustomization',
  'part-of': 'part-of',
  instance: 'instance',
}

/**
 * Where two sources of steps 2 to 5 name different applications. Said once for each pair of names, not for each
 * workload. The configuration settles a conflict, and so does the guard for deployment units.
 */
export function conflictsOf(
  cluster: Cluster,
  claimsOf: ReadonlyMap<string, readonly Claim[]>,
  units: ReadonlySet<string>,
): readonly ApplicationConflict[] {
  const found = new Map<
    string,
    { object: KubeObject; message: string; workloads: number; pair: readonly [Claim, Claim] }
  >()
  for (const workload of cluster.workloads) {
    const claims = (claimsOf.get(workload.id) ?? []).filter((claim) => claim.step <= 5 && !namesUnit(claim, units))
    if (claims.length < 2) continue
    const first = winner(claims, units)
    const object = workload.object ?? workload.specs[0]?.object
    if (!first || first.step === 1 || !object) continue
    const agreed = claims.filter((claim) => VOICES[claim.source] === VOICES[first.source])
    for (const [voice, second] of voicesOf(claims)) {
      if (voice === VOICES[first.source]) continue
      const names = claims.filter((claim) => VOICES[claim.source] === voice)
      if (names.some((a) => agreed.some((b) => agree(a.name, b.name)))) continue
      const message = `${say(first)} says "${first.name}", ${say(second)} says "${second.name}"`
      const key = `${workload.namespace} ${message}`
      const known = found.get(key)
      if (known) known.workloads++
      else found.set(key, { object, message, workloads: 1, pair: [first, second] })
    }
  }
  return [...found.values()].map(({ pair, ...rest }) => ({ ...rest, because: pair.map(becauseOf) }))
}

function voicesOf(claims: readonly Claim[]): ReadonlyMap<string, Claim> {
  const voices = new Map<string, Claim>()
  for (const claim of claims) {
    const voice = VOICES[claim.source] ?? claim.source
    if (!voices.has(voice)) voices.set(voice, claim)
  }
  return voices
}

function say({ source }: Claim): string {
  return SAYS[source] ?? VOICES[source] ?? source
}
