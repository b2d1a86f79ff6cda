import { at, type JsonObject, string } from '../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import type { Fix } from '../../../fix/fix.ts'
import { type Patch, patchedFiles } from '../../../fix/patches.ts'
import { slugOf } from '../../../fix/slug.ts'
import type { Input } from '../../../observe/files/read.ts'
import { annotationEdits, type Suggested } from './suggestion.ts'

export interface LimitPatches {
  /** Of each suggestion, after those before it. */
  readonly patches: readonly (readonly Patch[])[]
  /** Of all of them together: one a file. */
  readonly all: readonly Patch[]
  readonly unpatched: readonly string[]
}

/** The suggestions as changes of the user's files, in the order of those that have an item, and what refused to be changed. */
export function limitPatches(made: readonly Suggested[], objects: readonly KubeObject[], input: Input): LimitPatches {
  const unpatched: string[] = []
  const start = patchedFiles({ names: input.files, bytes: input.bytes }, objects)
  let files = start
  const patches = made.flatMap((each) => {
    if (!each.item) return []
    const fix = fixOf(each)
    const done = fix ? files.apply(fix) : files
    if ('refused' in done) {
      unpatched.push(`${fix?.title ?? ''}: ${done.refused}`)
      return [[]]
    }
    const own = done.since(files)
    files = done
    return [own]
  })
  return {
    patches,
    all: files.since(start),
    unpatched: [
      ...unpatched,
      ...files.unpatched().map((name) => `${name} cannot be changed as a file: apply what -o yaml prints`),
    ],
  }
}

function fixOf({ group, written }: Suggested): Fix | undefined {
  const { object } = group
  if (!object || !written) return undefined
  const edits = annotationEdits(written, group)
  const changes: Fix['changes'][number][] = [
    ...(edits.length > 0 ? [{ action: 'edit' as const, object, edits }] : []),
    ...written.objects.map((body) => ({ action: 'add' as const, object: objectOf(body as JsonObject) })),
  ]
  if (changes.length === 0) return undefined
  return {
    id: slugOf(`limits-${object.namespace}-${object.name}`),
    kind: 'traffic-limits',
    title: `Limit the routes of ${object.id}`,
    changes,
    witness: 'none',
    serves: object.id,
    notes: [],
  }
}

function objectOf(body: JsonObject): KubeObject {
  const [group = '', version = group] = (string(body.apiVersion) ?? '').split('/')
  const kind = string(body.kind) ?? ''
  const namespace = string(at(body, 'metadata', 'namespace')) ?? ''
  const name = string(at(body, 'metadata', 'name')) ?? ''
  const own = version === group ? '' : group
  return {
    id: idOf(own === '' ? kind : `${kind}.${own}`, namespace, name),
    group: own,
    version,
    kind,
    namespace,
    name,
    body,
  }
}
