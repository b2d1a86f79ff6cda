import type { Applications } from '../cluster/application/application.ts'
import { DEFAULT_OWNER_KEYS } from '../cluster/application/config.ts'
import { type Because, because } from '../cluster/because.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { at, list, type Path, string, stringMap } from '../cluster/json.ts'
import type { KubeObject } from '../cluster/object.ts'
import { podSpecPath } from '../engines/policy/offence.ts'
import { annotatedExceptions } from './annotations.ts'
import type { Exception } from './exception.ts'
import { isException } from './object.ts'

/** Something that names an owner: no access, but somebody must answer for it when the owner leaves. */
export interface Answering {
  readonly kind: 'exception' | 'application' | 'object'
  /** For people: `Exception node-exporter-host`, `Application shop`, `Deployment shop/api`. */
  readonly title: string
  /** The owner, as it is written. */
  readonly owner: string
  /** Of an exception: the last day on which it holds, or `never`. */
  readonly expires?: string
  readonly because: Because
}

/** Those by which the check `owner-missing` is content, and by which owners of applications are found. */
const KEYS: readonly string[] = [...DEFAULT_OWNER_KEYS, 'a8r.io/owner', 'email', 'contact']
const MOST_TEXT = 4_096

/**
 * What names one of these as its owner: Exceptions and annotations that accept a verdict, applications, and objects by
 * their own labels and annotations or those of their pods. What a controller made is told with what made it.
 */
export function answeringFor(
  cluster: Cluster,
  applications: Applications,
  names: readonly string[],
): readonly Answering[] {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  const isOne = (owner: string): boolean => namesIn(owner).some((each) => wanted.has(each))
  const found: Answering[] = []
  const told = new Set<string>()
  for (const object of cluster.objects) {
    if (isException(object)) found.push(...ofException(object, isOne))
    else
      for (const each of annotatedExceptions(object, cluster.locate).exceptions)
        found.push(...ofAnnotation(object, each, isOne))
  }
  for (const { name, namespaces, owner, workloads } of applications.all) {
    if (!owner || !isOne(owner.name)) continue
    const [first] = owner.because
    for (const id of workloads) told.add(id)
    found.push({
      kind: 'application',
      title: `Application ${namespaces.length === 1 ? `${namespaces[0]}/` : ''}${name}`,
      owner: owner.name,
      because: first ?? because(`the owner is ${owner.name}`),
    })
  }
  for (const object of cluster.objects) {
    if (told.has(object.id) || isException(object) || isMade(object)) continue
    const mark = ownerOf(object, isOne)
    if (!mark) continue
    const place = object.namespace === '' ? '' : `${object.namespace}/`
    found.push({ kind: 'object', title: `${object.kind} ${place}${object.name}`, ...mark })
  }
  return found
}

function ofException(object: KubeObject, isOne: (owner: string) => boolean): readonly Answering[] {
  const owner = string(at(object.body, 'spec', 'owner'))?.trim() ?? ''
  if (!isOne(owner)) return []
  const expires = string(at(object.body, 'spec', 'expires'))?.trim()
  return [
    {
      kind: 'exception',
      title: `Exception ${object.name}`,
      owner,
      ...(expires === undefined ? {} : { expires }),
      because: because(`its owner is ${owner}`, object, ['spec', 'owner']),
    },
  ]
}

function ofAnnotation(
  object: KubeObject,
  { name, owner, expires }: Exception,
  isOne: (owner: string) => boolean,
): readonly Answering[] {
  if (owner === undefined || !isOne(owner)) return []
  const key = name.slice(0, name.indexOf(' of '))
  const own: Path = ['metadata', 'annotations', key]
  const path = at(object.body, ...own) === undefined ? [...podSpecPath(object.body).slice(0, -1), ...own] : own
  const why = because(`its owner is ${owner}`, object, path)
  return [{ kind: 'exception', title: `the annotation ${name}`, owner, expires, because: why }]
}

function isMade({ body }: KubeObject): boolean {
  return list(at(body, 'metadata', 'ownerReferences')).length > 0
}

function ownerOf(
  object: KubeObject,
  isOne: (owner: string) => boolean,
): Pick<Answering, 'owner' | 'because'> | undefined {
  const template = podSpecPath(object.body).slice(0, -1)
  const places: readonly Path[] = [['metadata'], ...(template.length > 0 ? [[...template, 'metadata']] : [])]
  for (const place of places)
    for (const from of ['labels', 'annotations']) {
      const path = [...place, from]
      const values = stringMap(at(object.body, ...path))
      for (const key of KEYS) {
        const owner = values.get(key)?.trim()
        if (owner !== undefined && isOne(owner))
          return {
            owner,
            because: because(`${from === 'labels' ? 'label' : 'annotation'} ${key} is ${owner}`, object, [
              ...path,
              key,
            ]),
          }
      }
    }
  const isComponent = object.group === 'backstage.io'
  const owner = isComponent ? string(at(object.body, 'spec', 'owner'))?.trim() : undefined
  return owner !== undefined && isOne(owner)
    ? { owner, because: because(`its owner is ${owner}`, object, ['spec', 'owner']) }
    : undefined
}

/** `alice, Bob Example <bob@example.com>; user:default/carol`: each as a name in small letters. */
function namesIn(owner: string): readonly string[] {
  if (owner === '' || owner.length > MOST_TEXT) return []
  return owner
    .toLowerCase()
    .split(/[,;]/)
    .flatMap((part) => {
      const text = part.trim()
      const mail = /<([^<>]*)>$/.exec(text)?.[1]?.trim()
      const plain = (mail ?? text).replace(/^(?:mailto:|@)/, '')
      // A Backstage reference: `user:NAMESPACE/NAME`, `group:NAME`.
      const reference = /^(?:user|group):(?:[^/]*\/)?(.+)$/.exec(plain)?.[1]
      return [plain, ...(reference === undefined ? [] : [reference])].filter((each) => each !== '')
    })
}
