import { dump } from 'js-yaml'
import { applyEdits } from '../cluster/edit/apply.ts'
import { unifiedDiff } from '../cluster/edit/diff.ts'
import { type EditableFile, editableFile } from '../cluster/edit/file.ts'
import type { JsonObject } from '../cluster/json.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { Fix } from './fix.ts'

/** The files that objects were read from. */
export interface Sources {
  readonly names: readonly string[]
  /** Undefined for what cannot be edited: a stream, a compressed file; refused is a file that changed since it was read. */
  bytes(source: number): Buffer | { readonly refused: string } | undefined
}

/** A change of one of the user's files, as `git apply` takes it; a new file is a change of /dev/null. */
export interface Patch {
  readonly file: string
  readonly diff: string
}

/** The user's files as some fixes leave them. */
export interface PatchedFiles {
  /** All of the fix or nothing: what cannot be edited in place without changing more than was meant is refused. */
  apply(fix: Fix): PatchedFiles | { readonly refused: string }
  /** What changed after an earlier state of the same files. */
  since(before: PatchedFiles): readonly Patch[]
  /** Every changed or new file with its content. */
  changed(): ReadonlyMap<string, Buffer>
  /** Streams and compressed files that hold what was changed, or what something new belongs beside. */
  unpatched(): readonly string[]
  edited(name: string): EditableFile | undefined
  /** The objects of a file that did not exist. */
  created(name: string): readonly KubeObject[] | undefined
}

export function patchAll(
  start: PatchedFiles,
  fixes: readonly Fix[],
): { files: PatchedFiles; patches: readonly Patch[] } | { refused: string; fix: Fix } {
  let files = start
  for (const fix of fixes) {
    const done = files.apply(fix)
    if ('refused' in done) return { refused: done.refused, fix }
    files = done
  }
  return { files, patches: files.since(start) }
}

export function patchedFiles(sources: Sources, objects: readonly KubeObject[]): PatchedFiles {
  const sourceOf = new Map<string, number>()
  const sourceOfNamespace = new Map<string, number>()
  for (const { id, namespace, origin } of objects) {
    if (!origin) continue
    sourceOf.set(id, origin.source)
    if (namespace !== '' && !sourceOfNamespace.has(namespace)) sourceOfNamespace.set(namespace, origin.source)
  }
  const besideOf = ({ serves }: Fix, added: readonly KubeObject[]): number | undefined => {
    const [first] = added
    const namespace = first && (first.kind === 'Namespace' ? first.name : first.namespace)
    const served = serves === undefined ? undefined : sourceOf.get(serves)
    return served ?? (namespace === undefined ? undefined : sourceOfNamespace.get(namespace))
  }
  return state(sources, besideOf, new Map(), new Map(), { ids: new Set(), sources: new Set() })
}

/** What was changed and stands in no file: new objects, and the sources that they belong beside or that hold the others. */
interface Unfiled {
  readonly ids: ReadonlySet<string>
  readonly sources: ReadonlySet<number>
}

function state(
  sources: Sources,
  /** The source whose folder new objects go to. */
  besideOf: (fix: Fix, added: readonly KubeObject[]) => number | undefined,
  edited: ReadonlyMap<number, EditableFile>,
  created: ReadonlyMap<string, readonly KubeObject[]>,
  unfiled: Unfiled,
): PatchedFiles {
  const nameOf = (source: number): string => sources.names[source] as string
  let contents: ReadonlyMap<string, Buffer> | undefined
  const changed = (): ReadonlyMap<string, Buffer> => {
    contents ??= new Map([
      ...[...edited].map(([source, file]) => [nameOf(source), file.bytes] as const),
      ...[...created].flatMap(([name, objects]) =>
        objects.length === 0 ? [] : [[name, Buffer.from(documents(objects))] as const],
      ),
    ])
    return contents
  }
  return {
    changed,
    unpatched: () => [...unfiled.sources].map(nameOf),
    apply(fix) {
      const files = new Map(edited)
      const news = new Map(created)
      const mine = new Set<number>()
      const added: KubeObject[] = []
      const loose = { ids: new Set(unfiled.ids), sources: new Set(unfiled.sources) }
      for (const change of fix.changes) {
        const { object } = change
        if (change.action === 'add') {
          added.push(object)
          continue
        }
        if (!object.origin) {
          const made = [...news].find(([, objects]) => objects.some(({ id }) => id === object.id))
          if (!made && loose.ids.has(object.id)) continue
          if (!made) return { refused: `no file holds ${object.id}` }
          const [name, objects] = made
          const left =
            change.action === 'remove'
              ? objects.filter(({ id }) => id !== object.id)
              : objects.map((each) =>
                  each.id === object.id ? { ...each, body: applyEdits(each.body, change.edits) as JsonObject } : each,
                )
          news.set(name, left)
          continue
        }
        const { source } = object.origin
        let file = files.get(source)
        if (!file) {
          const bytes = sources.bytes(source)
          // What came from a stream is changed by the objects alone.
          if (!bytes) {
            loose.sources.add(source)
            continue
          }
          if ('refused' in bytes) return { refused: `${nameOf(source)}: ${bytes.refused}` }
          file = editableFile(nameOf(source), bytes)
        } else if (!mine.has(source)) file = file.fork()
        mine.add(source)
        files.set(source, file)
        const refusal = change.action === 'remove' ? file.remove(object.origin) : file.edit(object.origin, change.edits)
        if (refusal) return { refused: `${nameOf(source)}: ${refusal.why}` }
      }
      if (added.length > 0) {
        const beside = besideOf(fix, added)
        if (beside !== undefined && !files.has(beside) && !sources.bytes(beside)) {
          loose.sources.add(beside)
          for (const { id } of added) loose.ids.add(id)
        } else {
          const folder = folderOf(beside === undefined ? '' : nameOf(beside))
          news.set(freeName(`${folder}bulkhead-${fix.id}`, sources, news), added)
        }
      }
      return state(sources, besideOf, files, news, loose)
    },
    edited: (name) => edited.get(sources.names.indexOf(name)),
    created: (name) => created.get(name),
    since(before) {
      const patches: Patch[] = []
      for (const [source, file] of edited) {
        const old = before.edited(nameOf(source))
        if (old !== file) patches.push({ file: file.name, diff: file.diff(old) })
      }
      for (const [name, objects] of created) {
        const old = before.created(name)
        if (old !== objects)
          patches.push({ file: name, diff: unifiedDiff(name, old && documents(old), documents(objects)) })
      }
      return patches.filter(({ diff }) => diff !== '').sort((a, b) => (a.file < b.file ? -1 : 1))
    },
  }
}

/** Up to and with the last slash. */
function folderOf(name: string): string {
  return name.slice(0, Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
}

function freeName(stem: string, sources: Sources, created: ReadonlyMap<string, unknown>): string {
  for (let count = 1; ; count++) {
    const name = `${stem}${count === 1 ? '' : `-${count}`}.yaml`
    if (!created.has(name) && !sources.names.includes(name)) return name
  }
}

export function documents(objects: readonly KubeObject[]): string {
  return [...eachDocument(objects)].join('')
}

/** The same one by one. `dump` quotes what YAML 1.1 would read as something else. */
export function* eachDocument(objects: readonly KubeObject[]): Generator<string> {
  for (const [at, { body }] of objects.entries())
    yield `${at === 0 ? '' : '---\n'}${dump(body, { lineWidth: -1, noRefs: true })}`
}
