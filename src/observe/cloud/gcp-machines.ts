import { field, isObject, type Json, list, string, strings } from '../../cluster/json.ts'
import type { Decoding } from './draft.ts'
import { sayNumber } from './gcp-hierarchy.ts'

const INSTANCE = /\/projects\/([^/]{1,200})\/zones\/([^/]{1,100})\/instances\/([^/]{1,200})$/
const GROUP = /\/projects\/([^/]{1,200})\/zones\/([^/]{1,100})\/instanceGroup(?:Manager)?s\/([^/]{1,200})-grp$/
const POOL = /\/projects\/([^/]{1,200})\/(?:zones|locations)\/[^/]{1,100}\/clusters\/[^/]{1,100}\/nodePools\//

/** `gcloud compute instances list` or `describe`, and `gcloud compute project-info describe`; of metadata the switch of OS Login alone. */
export function gcpMachine(value: Json, decoding: Decoding): boolean {
  const kind = string(field(value, 'kind'))
  if (kind === 'compute#project') return project(value, decoding)
  if (kind === 'compute#instanceList') {
    for (const each of list(field(value, 'items'))) gcpMachine(each, decoding)
    return true
  }
  const [, of, zone, name] = INSTANCE.exec(string(field(value, 'selfLink')) ?? '') ?? []
  if (of === undefined || zone === undefined || name === undefined) {
    if (kind !== 'compute#instance') return false
    decoding.tell('an instance of Compute Engine has no selfLink', value)
    return true
  }
  // An instance has one service account at most.
  const own = list(field(value, 'serviceAccounts'))[0]
  const account = string(field(own, 'email'))
  const osLogin = osLoginOf(field(value, 'metadata'))
  decoding.draft.gcp.machines.push({
    project: of,
    zone,
    name,
    ...(account === undefined ? {} : { account }),
    scopes: strings(field(own, 'scopes')),
    ...(osLogin === undefined ? {} : { osLogin }),
    from: decoding.from(`instance ${name} of ${of}`, value),
  })
  return true
}

function project(value: Json, decoding: Decoding): boolean {
  const id = string(field(value, 'name'))
  if (id === undefined) return false
  const account = string(field(value, 'defaultServiceAccount'))
  const osLogin = osLoginOf(field(value, 'commonInstanceMetadata'))
  decoding.draft.gcp.compute.set(id, {
    ...(account === undefined ? {} : { account }),
    ...(osLogin === undefined ? {} : { osLogin }),
  })
  const number = /^(\d{1,30})-compute@developer\.gserviceaccount\.com$/.exec(account ?? '')?.[1]
  if (number !== undefined) sayNumber(`projects/${id}`, `projects/${number}`, decoding)
  return true
}

/** The guest environment takes TRUE in any case of letters; what stands there otherwise switches it off. */
function osLoginOf(metadata: Json | undefined): boolean | undefined {
  const item = list(field(metadata, 'items')).find((each) => field(each, 'key') === 'enable-oslogin')
  return item === undefined ? undefined : /^(true|y|yes|1)$/i.test((string(field(item, 'value')) ?? '').trim())
}

/** `isAutopilot`: its cluster runs the machines itself. */
export function googlePoolIdentity(item: Json, isAutopilot: boolean, decoding: Decoding): void {
  const name = string(field(item, 'name'))
  const config = field(item, 'config')
  if (name === undefined || !isObject(config)) return
  const account = string(field(config, 'serviceAccount'))
  const scopes = field(config, 'oauthScopes')
  const of = POOL.exec(string(field(item, 'selfLink')) ?? '')?.[1]
  const metadata = isAutopilot ? 'GKE_METADATA' : metadataOf(field(config, 'workloadMetadataConfig'))
  decoding.draft.gcp.pools.push({
    name,
    ...(of === undefined ? {} : { project: of }),
    prefixes: strings(field(item, 'instanceGroupUrls')).flatMap((url) => {
      const [, project_, zone, group] = GROUP.exec(url) ?? []
      return group === undefined ? [] : [`projects/${project_}/zones/${zone}/instances/${group}-`]
    }),
    ...(account === undefined ? {} : { account }),
    ...(Array.isArray(scopes) ? { scopes: strings(scopes) } : {}),
    ...(metadata === undefined ? {} : { metadata }),
    isAutopilot,
    from: decoding.from(`node pool ${name}`, item),
  })
}

/** Before `mode` there was `nodeMetadata`, of which SECURE hides keys of the kubelet and no tokens. */
function metadataOf(config: Json | undefined): string | undefined {
  const mode = string(field(config, 'mode')) ?? string(field(config, 'nodeMetadata'))
  if (mode === 'GKE_METADATA_SERVER') return 'GKE_METADATA'
  if (mode === 'EXPOSE' || mode === 'SECURE' || mode === 'EXPOSED') return 'GCE_METADATA'
  if (mode === 'GKE_METADATA' || mode === 'GCE_METADATA') return mode
  return undefined
}
