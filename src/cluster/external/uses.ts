import type { Because } from '../because.ts'
import { externalService } from './declared.ts'
import type { CredentialUse, Dependency, ExternalService, UnknownDependency } from './external.ts'

interface Use {
  readonly because: Because[]
  credential: CredentialUse | undefined
}

/** Connections while they are gathered: each once, with its first reasons. */
export interface Drafts {
  readonly services: Map<
    string,
    Use & { from: string; service: string; port: number | undefined; to: readonly string[] }
  >
  readonly external: Map<
    string,
    Map<string, Use & { workload: string; hidden: boolean; port: number | undefined; scheme: string | undefined }>
  >
  readonly unknown: Map<string, UnknownDependency>
}

export function startDrafts(): Drafts {
  return { services: new Map(), external: new Map(), unknown: new Map() }
}

export interface Collected {
  readonly services: readonly Dependency[]
  readonly external: ReadonlyMap<string, ExternalService>
  readonly unknown: readonly UnknownDependency[]
}

const MAX_BECAUSE = 4

export function addService(
  drafts: Drafts,
  key: { from: string; service: string; port: number | undefined; to: readonly string[] },
  why: readonly Because[],
  credential: CredentialUse | undefined,
): void {
  const id = `${key.from} ${key.service} ${key.port ?? ''}`
  const known = drafts.services.get(id) ?? { ...key, because: [], credential: undefined }
  drafts.services.set(id, known)
  merge(known, why, credential)
}

export function addExternal(
  drafts: Drafts,
  host: string,
  key: { workload: string; hidden: boolean; port: number | undefined; scheme: string | undefined },
  why: readonly Because[],
  credential: CredentialUse | undefined,
): void {
  const uses = drafts.external.get(host) ?? new Map()
  drafts.external.set(host, uses)
  const id = `${key.workload} ${key.port ?? ''} ${key.scheme ?? ''}`
  const known = uses.get(id) ?? { ...key, because: [], credential: undefined }
  uses.set(id, known)
  merge(known, why, credential)
}

function merge(use: Use, why: readonly Because[], credential: CredentialUse | undefined): void {
  use.credential ??= credential
  for (const each of why) {
    if (
      use.because.length < MAX_BECAUSE &&
      !use.because.some(({ text, object }) => text === each.text && object === each.object)
    )
      use.because.push(each)
  }
}

export function addUnknown(drafts: Drafts, unknown: UnknownDependency): void {
  const id = `${unknown.workload} ${unknown.reason} ${unknown.host ?? unknown.secret ?? ''} ${unknown.host === undefined ? unknown.because.text : ''}`
  if (!drafts.unknown.has(id)) drafts.unknown.set(id, unknown)
}

const credentialIn = (use: Use): { credential?: CredentialUse } =>
  use.credential ? { credential: use.credential } : {}
const portIn = (port: number | undefined): { port?: number } => (port === undefined ? {} : { port })

export function finish({ services, external, unknown }: Drafts): Collected {
  const all = [...services].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, draft]) => draft)
  // The same Service with its port and, from another value, without it, is one dependency.
  const withPort = new Set(all.flatMap(({ from, service, port }) => (port === undefined ? [] : [`${from} ${service}`])))
  const kept = all.filter(({ from, service, port }) => port !== undefined || !withPort.has(`${from} ${service}`))
  return {
    services: kept.map((draft) => ({
      from: draft.from,
      service: draft.service,
      ...portIn(draft.port),
      to: draft.to,
      because: draft.because,
      ...credentialIn(draft),
    })),
    external: new Map(
      [...external].map(([host, uses]) => {
        const sorted = [...uses].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, use]) => use)
        const shown = sorted.map(({ workload, hidden, port, scheme, ...use }) => ({
          workload,
          ...(hidden ? { hidden: true as const } : {}),
          ...portIn(port),
          ...(scheme === undefined ? {} : { scheme }),
          because: use.because,
          ...credentialIn({ ...use }),
        }))
        return [host, { ...externalService(host), uses: shown }]
      }),
    ),
    unknown: [...unknown].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each),
  }
}
