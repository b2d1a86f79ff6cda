import { because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { idParts, type KubeObject } from '../object.ts'
import { credentialsOf } from './credentials.ts'
import type { Found } from './found.ts'
import { hiddenValues } from './hidden.ts'
import { type Interpreter, interpreter } from './interpret.ts'
import { hostStem, wordsOf } from './key-name.ts'
import { portsOf } from './ports.ts'
import { findHosts, type Scan } from './text.ts'
import { addBlank, addSecretHosts, addThirdParties, type User } from './untold.ts'
import { addExternal, addService, addUnknown, type Collected, type Drafts, finish, startDrafts } from './uses.ts'
import { type Given, givenTo, type Value } from './values.ts'

/** Everything that all workloads, and the releases whose workloads are hidden, are configured to connect to. */
export function collect(cluster: Cluster): Collected {
  const interpret = interpreter(cluster)
  const drafts = startDrafts()
  const files = new Map<KubeObject, Map<string, Scan>>()
  for (const workload of cluster.workloads) {
    for (const shape of workload.specs) {
      for (const container of shape.pod.containers) {
        const given = givenTo(container, shape, workload, cluster)
        collectOf({ id: workload.id, namespace: workload.namespace, hidden: false }, given, interpret, drafts, files)
      }
    }
  }
  for (const { id, namespace, given } of hiddenValues(cluster))
    collectOf({ id, namespace, hidden: true }, given, interpret, drafts, files)
  return finish(drafts)
}

function collectOf(
  user: User,
  given: Given,
  interpret: Interpreter,
  drafts: Drafts,
  files: Map<KubeObject, Map<string, Scan>>,
): void {
  const credentials = credentialsOf(given, new Set(wordsOf(idParts(user.id).name)))
  const portOf = portsOf(given.values)
  /** The families of hosts that are told: their credentials open those, and no third party by default. */
  const told: (readonly string[])[] = []
  for (const value of given.values) {
    const { found, cut } = scan(value, files)
    if (cut)
      addUnknown(drafts, {
        workload: user.id,
        reason: 'too-long',
        because: because(`${value.key} is too long to be read whole`, value.object, value.path),
      })
    for (const one of found) {
      const each = one.host === '' ? linked(one) : one
      if (each.host === '') addBlank(user, each, value, given, drafts)
      const port = portOf(each, value)
      for (const peer of interpret.peersOf(each, value, user.namespace)) {
        const stem = value.isFile ? undefined : hostStem(value.key)
        if (stem) told.push(stem)
        if (peer.kind === 'unseen') {
          addUnknown(drafts, { workload: user.id, reason: 'unseen-service', host: peer.host, because: peer.because })
        } else if (peer.kind === 'service') {
          const credential = credentials.for(each, value, idParts(peer.service).name)
          // A release's own Services are hidden, so what it names may be itself: only a real workload depends.
          if (!user.hidden)
            addService(drafts, { from: user.id, service: peer.service, port, to: peer.to }, peer.because, credential)
        } else {
          addExternal(
            drafts,
            peer.host,
            { workload: user.id, hidden: user.hidden, port, scheme: each.scheme },
            peer.because,
            credentials.for(each, value, peer.host),
          )
        }
      }
    }
  }
  addThirdParties(user, given, told, drafts, credentials)
  addSecretHosts(user, given, drafts)
}

/** The kubelet gives each pod the Services of its namespace as variables: `ORDERS_DB_SERVICE_HOST`. */
function linked(found: Found): Found {
  const name =
    found.variables.length === 1
      ? /^([A-Z][A-Z0-9_]*)_SERVICE_HOST$/.exec(found.variables[0] as string)?.[1]
      : undefined
  return name === undefined ? found : { ...found, host: name.toLowerCase().replaceAll('_', '-'), by: 'url' }
}

function scan(value: Value, files: Map<KubeObject, Map<string, Scan>>): Scan {
  if ((value.isFile || value.text.includes('\n')) && !isConfiguration(value)) return { found: [], cut: false }
  if (!value.isFile) return findHosts(value.text, value.key)
  const ofObject = files.get(value.object) ?? new Map<string, Scan>()
  files.set(value.object, ofObject)
  const known = ofObject.get(value.key) ?? findHosts(value.text, '')
  ofObject.set(value.key, known)
  return known
}

/** Pages, styles, certificates and dashboards hold links and names, not what the workload connects to. */
const NO_CONFIGURATION =
  /(^_example|\.(html?|css|svg|md|rst|txt|csv|tsv|pem|crt|cer|key|pub|sql|ico|png|proto|xsd|dtd|wsdl)|known_hosts)$/i

function isConfiguration({ key, text }: Value): boolean {
  if (NO_CONFIGURATION.test(key)) return false
  return !(key.endsWith('.json') && text.slice(0, 65_536).includes('"panels"'))
}
