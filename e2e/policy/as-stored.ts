// What the API server would store of an object, next to what the product thinks that policies see of it.
import { field, isObject, type Json, type JsonObject, list, object, type Path, string } from '../../src/cluster/json.ts'
import { creations } from '../../src/engines/policy/admission/request.ts'
import { kubeObject } from './ours.ts'

export type Difference = { readonly path: string; readonly ours: Json | undefined; readonly theirs: Json | undefined }

/** Where what is stored differs from what validating policies see of the object by our account, which is its creation. */
export function storedDifferences(sent: JsonObject, stored: JsonObject, minor: number): Difference[] {
  const request = creations({ namespaces: new Map(), ofKind: () => [] }, minor)
  return unexpected(request(kubeObject(sent)).body, stored)
}

/**
 * Where they differ, but for what the object alone does not decide, of which each has its reason in `EXPECTED`. The place of
 * an item in a list is `[]`.
 */
export function unexpected(ours: JsonObject, stored: JsonObject): Difference[] {
  const found: Difference[] = []
  const kind = `${String(stored.apiVersion).replace(/\/?[^/]*$/, '')}/${String(stored.kind)}`
  differences(withoutToken(ours, kind), withoutToken(stored, kind), [], (path, own, theirs) => {
    const text = path.map((step) => (typeof step === 'number' ? '[]' : step)).join('.')
    if (!EXPECTED.some(({ of, paths }) => (of === undefined || of.test(kind)) && paths.test(text)))
      found.push({ path: `${kind} ${text}`, ours: own, theirs })
  })
  return found
}

type Expected = { readonly why: string; readonly of?: RegExp; readonly paths: RegExp }

export const EXPECTED: readonly Expected[] = [
  { why: 'each creation has its own', paths: /^metadata\.(uid|creationTimestamp|managedFields|name|resourceVersion)$/ },
  { why: 'no policy of the creation sees it', paths: /^status(\.|$)/ },
  {
    why: 'the plugins ServiceAccount, Priority and RuntimeClass',
    of: /^\/Pod$/,
    paths: /^spec\.(serviceAccountName|serviceAccount|priority|preemptionPolicy|overhead)(\.|$)/,
  },
  {
    why: 'the allocator of addresses and ports',
    of: /^\/Service$/,
    paths: /^spec\.(clusterIPs?|ipFamilies|ipFamilyPolicy|healthCheckNodePort|ports\.\[\]\.nodePort)(\.|$)/,
  },
  {
    why: 'the selector of a Job is made of its uid',
    of: /^batch\/Job$/,
    paths: /^(metadata\.labels(\..*)?|spec\.selector|spec\.template\.metadata(\.labels(\..*)?)?)$/,
  },
  {
    why: 'the plugin StorageObjectInUseProtection',
    of: /^\/PersistentVolume(Claim)?$/,
    paths: /^metadata\.finalizers$/,
  },
  { why: 'the plugin DefaultIngressClass', of: /^networking.k8s.io\/Ingress$/, paths: /^spec\.ingressClassName$/ },
  { why: 'an empty list is stored as none', of: /^rbac/, paths: /^(rules|subjects)$/ },
  { why: 'answers, which nobody stores', of: /^(authentication|authorization)\./, paths: /./ },
]

function differences(
  ours: Json | undefined,
  theirs: Json | undefined,
  path: Path,
  note: (path: Path, ours: Json | undefined, theirs: Json | undefined) => void,
): void {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    for (let index = 0; index < Math.max(ours.length, theirs.length); index++)
      differences(ours[index], theirs[index], [...path, index], note)
  } else if (isObject(ours) && isObject(theirs)) {
    for (const key of new Set([...Object.keys(object(ours)), ...Object.keys(theirs)]))
      differences(field(ours, key), field(theirs, key), [...path, key], note)
  } else note(path, ours, theirs)
}

const TOKEN = /^kube-api-access-/
const TOLERATED = /^node\.kubernetes\.io\/(not-ready|unreachable)$/

/** A pod without what the plugins ServiceAccount (the volume of its token) and DefaultTolerationSeconds add to its lists. */
function withoutToken(body: JsonObject, kind: string): JsonObject {
  if (kind !== '/Pod') return body
  const spec = object(body.spec)
  const containers = (items: Json | undefined) =>
    items && list(items).map((item) => kept(object(item), 'volumeMounts', (mount) => !TOKEN.test(text(mount, 'name'))))
  const own = kept(
    kept(spec, 'volumes', (volume) => !TOKEN.test(text(volume, 'name'))),
    'tolerations',
    (each) => !(TOLERATED.test(text(each, 'key')) && field(each, 'tolerationSeconds') === 300),
  )
  const lists = ['containers', 'initContainers'].flatMap((name) => {
    const items = containers(own[name])
    return items ? [[name, items] as const] : []
  })
  return { ...body, spec: { ...own, ...Object.fromEntries(lists) } }
}

/** The list in a field without what is not wanted, and without the field where nothing is left. */
function kept(value: JsonObject, name: string, wanted: (item: Json) => boolean): JsonObject {
  const { [name]: items, ...rest } = value
  if (items === undefined) return value
  const left = list(items).filter(wanted)
  return left.length === 0 ? rest : { ...rest, [name]: left }
}

function text(value: Json, name: string): string {
  return string(field(value, name)) ?? ''
}
