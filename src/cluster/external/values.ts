import type { Cluster } from '../cluster.ts'
import { object as asObject, at, type Path, string } from '../json.ts'
import { idOf, type KubeObject } from '../object.ts'
import type { Container, EnvVar } from '../pod.ts'
import { mountedVolumes } from '../uses.ts'
import type { Shape, Workload } from '../workload.ts'

/** A piece of configuration that a container is given, and where it stands. */
export interface Value {
  /** Of the variable, flag or file. */
  readonly key: string
  readonly text: string
  readonly object: KubeObject
  readonly path: Path
  /** A file of a ConfigMap: scanned once, however many workloads mount it. */
  readonly isFile: boolean
}

/** A key of a Secret that a container reads, by variable or by mounted volume. */
export interface HeldSecret {
  /** The variable, or the key of a Secret whose keys all become variables; empty for a volume. */
  readonly variable: string
  /** The id of the Secret, whether or not it is in the input. */
  readonly secret: string
  readonly key: string | undefined
  /** Where a volume is mounted. */
  readonly mountPath: string | undefined
  readonly object: KubeObject
  readonly path: Path
}

/** A variable whose value the input does not have: its ConfigMap, or the key in it, is missing. */
export interface Missing {
  readonly variable: string
  readonly object: KubeObject
  readonly path: Path
}

export interface Given {
  readonly values: readonly Value[]
  readonly secrets: readonly HeldSecret[]
  readonly missing: readonly Missing[]
}

/** All that one container is configured by. */
export function givenTo(container: Container, shape: Shape, workload: Workload, cluster: Cluster): Given {
  const values: Value[] = []
  const secrets: HeldSecret[] = []
  const missing: Missing[] = []
  const { object } = shape
  const configMap = (name: string): KubeObject | undefined => cluster.get(idOf('ConfigMap', workload.namespace, name))
  const secretId = (name: string): string => idOf('Secret', workload.namespace, name)

  for (const { kind, name, prefix, path } of container.envFrom) {
    if (kind === 'Secret') {
      const id = secretId(name)
      const keys = keysOf(cluster.get(id))
      for (const key of keys)
        secrets.push({ variable: prefix + key, secret: id, key, mountPath: undefined, object, path })
      if (keys.length === 0)
        secrets.push({ variable: '', secret: id, key: undefined, mountPath: undefined, object, path })
    } else {
      const source = configMap(name)
      for (const [key, text] of entriesOf(source))
        values.push({ key: prefix + key, text, object: source as KubeObject, path: ['data', key], isFile: false })
    }
  }
  for (const each of container.env) {
    if (each.from?.kind === 'Secret') {
      const { name, key } = each.from
      secrets.push({ variable: each.name, secret: secretId(name), key, mountPath: undefined, object, path: each.path })
    } else if (each.from) addReferred(each, configMap(each.from.name))
    else if (each.value !== undefined)
      values.push({ key: each.name, text: each.value, object, path: each.path, isFile: false })
  }
  addArguments(container, object, values)
  for (const { volume, containers } of mountedVolumes(shape.pod)) {
    if (!containers.includes(container)) continue
    const mountPath = container.mounts.find((mount) => mount.volume === volume.name)?.mountPath
    for (const source of volume.sources) {
      if (source.kind === 'secret')
        secrets.push({
          variable: '',
          secret: secretId(source.name),
          key: undefined,
          mountPath,
          object,
          path: volume.path,
        })
      if (source.kind !== 'configMap') continue
      const file = configMap(source.name)
      for (const [key, text] of entriesOf(file))
        values.push({ key, text, object: file as KubeObject, path: ['data', key], isFile: true })
    }
  }
  return { values: expanded(values, container), secrets, missing }

  function addReferred(each: EnvVar, source: KubeObject | undefined): void {
    const { key, optional } = each.from as NonNullable<EnvVar['from']>
    const text = string(at(source?.body, 'data', key))
    if (text !== undefined && source)
      values.push({ key: each.name, text, object: source, path: ['data', key], isFile: false })
    // An optional key that its ConfigMap does not have is simply not set.
    else if (!optional || !source) missing.push({ variable: each.name, object, path: each.path })
  }
}

function keysOf(secret: KubeObject | undefined): readonly string[] {
  return [...Object.keys(asObject(at(secret?.body, 'data'))), ...Object.keys(asObject(at(secret?.body, 'stringData')))]
}

function entriesOf(configMap: KubeObject | undefined): readonly (readonly [string, string])[] {
  return Object.entries(asObject(at(configMap?.body, 'data'))).flatMap(([key, text]) =>
    typeof text === 'string' ? [[key, text] as const] : [],
  )
}

/** A flag names the argument after it. */
function addArguments(container: Container, object: KubeObject, values: Value[]): void {
  for (const from of ['command', 'args'] as const) {
    let flag = ''
    for (const [index, text] of container[from].entries()) {
      const path = [...container.path, from, index]
      // `-c` of a shell names nothing.
      const isFlag = /^--?[A-Za-z][\w.-]+$/.test(text)
      if (!isFlag) values.push({ key: flag, text, object, path, isFile: false })
      flag = isFlag ? text.replace(/^-+/, '') : ''
    }
  }
}

const MAX_EXPANDED = 64 * 1024

/**
 * Kubernetes expands `$(NAME)` in variables, command and args by the variables before (k8s.io/kubernetes
 * third_party/forked/golang/expansion). A name that is not known here, a secret's above all, stays as it stands.
 */
function expanded(values: readonly Value[], container: Container): readonly Value[] {
  if (!values.some(({ text, isFile }) => !isFile && text.includes('$('))) return values
  const known = new Map<string, string>()
  for (const { key, text, isFile } of values) if (!isFile && !text.includes('$(')) known.set(key, text)
  const order = new Set(container.env.map(({ name }) => name))
  return values.map((value) => {
    if (value.isFile || !value.text.includes('$(') || value.text.length > MAX_EXPANDED) return value
    const text = expand(value.text, known)
    if (text === undefined) return value
    if (order.has(value.key)) known.set(value.key, text)
    return { ...value, text }
  })
}

/** Undefined when it would grow beyond all use. */
function expand(text: string, known: ReadonlyMap<string, string>): string | undefined {
  let out = ''
  let kept = 0
  for (const match of text.matchAll(/\$\(([A-Za-z_][\w.-]*)\)/g)) {
    const value = known.get(match[1] as string)
    if (value === undefined) continue
    out += text.slice(kept, match.index) + value
    kept = match.index + match[0].length
    if (out.length > MAX_EXPANDED) return undefined
  }
  return out + text.slice(kept)
}
