import { type Answer, either } from '../aws/answer.ts'
import { type GcpDecision, type GcpWorld, gcpDecide } from './decide.ts'
import type { GcpWho } from './members.ts'

/** Something of Google Cloud that a principal reaches, coarsely: a kind of data, where it was granted. */
export interface GcpReach {
  readonly kind: string
  /** The resource of the binding: a project and what is below it, a bucket, a secret. */
  readonly resource: string
  readonly access: readonly ('read' | 'write' | 'control')[]
  readonly answer: Exclude<Answer, 'no'>
  readonly because: GcpDecision['because']
}

type Access = GcpReach['access'][number]

/** Permissions that give each access; one of them suffices. */
export const GCP_ASSETS: Readonly<Record<string, Readonly<Partial<Record<Access, readonly string[]>>>>> = {
  storage: {
    read: ['storage.objects.get'],
    write: ['storage.objects.create', 'storage.objects.delete', 'storage.buckets.delete'],
    control: ['storage.buckets.setIamPolicy', 'storage.objects.setIamPolicy'],
  },
  secretmanager: {
    read: ['secretmanager.versions.access'],
    write: ['secretmanager.versions.add', 'secretmanager.secrets.delete'],
    control: ['secretmanager.secrets.setIamPolicy'],
  },
  cloudsql: {
    read: ['cloudsql.instances.connect', 'cloudsql.instances.login', 'cloudsql.instances.export'],
    write: ['cloudsql.instances.update', 'cloudsql.instances.delete', 'cloudsql.users.update'],
  },
  bigquery: {
    read: ['bigquery.tables.getData'],
    write: ['bigquery.tables.updateData', 'bigquery.tables.delete'],
    control: ['bigquery.datasets.setIamPolicy'],
  },
  cloudkms: {
    read: ['cloudkms.cryptoKeyVersions.useToDecrypt'],
    write: ['cloudkms.cryptoKeyVersions.destroy'],
    control: ['cloudkms.cryptoKeys.setIamPolicy'],
  },
  spanner: { read: ['spanner.databases.select'], write: ['spanner.databases.write', 'spanner.databases.drop'] },
  datastore: { read: ['datastore.entities.get'], write: ['datastore.entities.update', 'datastore.entities.delete'] },
  pubsub: { read: ['pubsub.subscriptions.consume'], write: ['pubsub.topics.publish'] },
  artifactregistry: {
    read: ['artifactregistry.repositories.downloadArtifacts'],
    write: ['artifactregistry.repositories.uploadArtifacts'],
  },
  dns: { write: ['dns.changes.create'] },
}

const ORDER: readonly Access[] = ['read', 'write', 'control']

/**
 * What a principal reaches, asked where the bindings of a world that is narrowed to it are; `''` where it is not told on
 * what they are. `spend` is asked before each question, and ends them.
 */
export function gcpAssets(who: GcpWho, world: GcpWorld, spend: (resource: string) => boolean): readonly GcpReach[] {
  const found: GcpReach[] = []
  const loose = (world.unplaced ?? []).length > 0 ? [''] : []
  for (const resource of [...loose, ...[...world.bindings.keys()].sort()]) {
    if (resource.includes('/serviceAccounts/')) continue
    for (const [kind, actions] of Object.entries(GCP_ASSETS)) {
      const access: Access[] = []
      let best: GcpDecision | undefined
      for (const each of ORDER)
        for (const permission of actions[each] ?? []) {
          if (!spend(resource)) return found
          const decided = gcpDecide({ who, permission, resource }, world)
          if (decided.answer === 'no') continue
          if (!access.includes(each)) access.push(each)
          if (best === undefined || either(best.answer, decided.answer) !== best.answer) best = decided
        }
      if (best) found.push({ kind, resource, access, answer: best.answer as 'yes' | 'maybe', because: best.because })
    }
  }
  return found
}
