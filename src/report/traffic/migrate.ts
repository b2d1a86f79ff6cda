import type { Cluster } from '../../cluster/cluster.ts'
import type { Loss } from '../../engines/traffic/dialects/dialect.ts'
import type { Limit } from '../../engines/traffic/limit.ts'
import type { Migration, Move } from '../../engines/traffic/migrate/migration.ts'
import { TOOLS } from '../../engines/traffic/migrate/tools.ts'
import { ARCHIVED, LAST_RELEASE } from '../../engines/traffic/routes/findings/unmaintained.ts'
import { resourceRef, type Witness, witness } from '../evidence.ts'
import { API_VERSION } from '../report.ts'
import { clean } from '../text.ts'
import { yamlText } from '../yaml.ts'
import { limitWords } from './limit-words.ts'

export interface ToldMigration {
  readonly cluster: Cluster
  readonly migration: Migration
}

/** The document TrafficMigration (docs/reference/v1alpha1.schema.json). */
export function migrationDocument({ cluster, migration }: ToldMigration): object {
  const seen = witness(cluster.locate)
  const { to, moves, without } = migration
  const { title, version, read } = TOOLS[to]
  return {
    apiVersion: API_VERSION,
    kind: 'TrafficMigration',
    from: { product: 'ingress-nginx', archived: ARCHIVED, lastRelease: LAST_RELEASE },
    to,
    tool: { title, version, read },
    items: moves.map((move) => moveEntry(move, seen)),
    without: without.map(resourceRef),
  }
}

function moveEntry(move: Move, seen: Witness): object {
  const location = seen.locate(move.ingress)
  return {
    ingress: resourceRef(move.ingress),
    ...(location ? { location } : {}),
    routes: move.routes,
    annotations: move.annotations.map(({ because, ...each }) => ({ ...each, because: seen.evidence([because]) })),
    limits: move.limits.map(({ limit, byTool, byObjects }) => ({
      limit: limitWords(limit.limit),
      ...plain(limit.limit),
      state: limit.state,
      byTool,
      byObjects,
      because: seen.evidence(limit.because),
    })),
    inert: move.inert.map((each) => ({
      limit: limitWords(each.limit),
      rule: each.rule,
      because: seen.evidence(each.because),
    })),
    objects: move.objects,
    annotate: move.annotate,
    settings: move.settings,
    losses: move.losses.map(({ limit, field, severity, message }) => ({
      limit: limitWords(limit),
      field,
      severity,
      message,
    })),
    defaults: move.defaults,
  }
}

function plain({ kind, rate, period, burst, connections, body, seconds, bytesPerSecond, code, scope }: Limit): object {
  return { kind, rate, period, burst, connections, body, seconds, bytesPerSecond, code, scope }
}

/** The objects to apply, each with what it does not keep as comments; annotations stand as an Ingress to merge. */
export function* migrationYaml({ migration }: ToldMigration): Generator<string> {
  for (const { ingress, objects, annotate, settings, losses, defaults } of migration.moves) {
    yield '---\n'
    yield comment(`limits of Ingress ${ingress.namespace}/${ingress.name}`)
    for (const text of lossTexts(losses)) yield comment(text)
    for (const each of defaults) yield comment(`lost: ${each}`)
    for (const [key, value] of Object.entries(settings)) yield comment(`ConfigMap of the controller: ${key}: ${value}`)
    for (const object of objects) yield `---\n${yamlText(object as object)}`
    if (Object.keys(annotate).length > 0) {
      yield '---\n'
      yield comment('to be merged into the Ingress: kubectl apply --server-side, or by hand')
      yield yamlText({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: ingress.name, namespace: ingress.namespace, annotations: annotate },
      })
    }
  }
}

function comment(text: string): string {
  return `# ${clean(text)}\n`
}

/** `lost: …`, each once: limits of one Ingress often lose the same. */
export function lossTexts(losses: readonly Loss[]): ReadonlySet<string> {
  return new Set(losses.map(({ severity, message }) => `${severity}: ${message}`))
}
