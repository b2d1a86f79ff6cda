import type { Access } from '../../../history/history.ts'

/** What the audit log has shown of anybody, whatever became of it: what the source can show at all. */
export interface Shown {
  /** Whether a use of this verb on this resource (`pods/exec`; `*` for any) would have been shown. */
  shows(verb: string, group: string, resource: string): boolean
  /** The same of requests that are for no resource. */
  showsUrls(verb: string): boolean
  /** Whether any of these verbs was shown of any resource. */
  showsAny(verbs: ReadonlySet<string>): boolean
}

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch'])
/** How many other resources make it likely that a verb is shown of one that nobody ever used. */
const SOME = 3
/** Of resources: anybody may ask for one that there is not. */
const MAX_RESOURCES = 50_000
const MAX_VERBS = 100

export interface ShownFold extends Shown {
  add(access: Access): void
}

export function shownFold(): ShownFold {
  const verbsOf = new Map<string, Set<string>>()
  const resourcesOf = new Map<string, number>()
  const urls = new Set<string>()
  let lastKey = ''
  let lastVerb = ''
  const onOthers = (verb: string): boolean => (resourcesOf.get(verb) ?? 0) >= SOME
  const shows = (verb: string, group: string, resource: string): boolean => {
    // No audit policy tells the two apart, and hardly anything deletes collections.
    if (verb === 'deletecollection' && shows('delete', group, resource)) return true
    if (group === '*' || resource.includes('*')) return onOthers(verb)
    const verbs = verbsOf.get(keyOf(group, resource))
    if (!verbs) return onOthers(verb)
    // Audit policies drop a resource's reads or all of it; or a verb everywhere.
    return verbs.has(verb) || (onOthers(verb) && [...verbs].some((each) => READS.has(each) === READS.has(verb)))
  }
  return {
    add({ verb, group, resource, subresource, path }) {
      if (resource === '') {
        if (path !== '' && urls.size < MAX_VERBS) urls.add(verb)
        return
      }
      const key = keyOf(group, subresource === '' ? resource : `${resource}/${subresource}`)
      if (key === lastKey && verb === lastVerb) return
      lastKey = key
      lastVerb = verb
      let verbs = verbsOf.get(key)
      if (!verbs) {
        if (verbsOf.size >= MAX_RESOURCES) return
        verbs = new Set()
        verbsOf.set(key, verbs)
      }
      if (verbs.has(verb) || verbs.size >= MAX_VERBS) return
      verbs.add(verb)
      resourcesOf.set(verb, (resourcesOf.get(verb) ?? 0) + 1)
    },
    shows,
    showsAny: (verbs) => [...verbs].some((verb) => resourcesOf.has(verb)),
    showsUrls: (verb) => urls.size > 0 && (verb === '*' || urls.has(verb)),
  }
}

function keyOf(group: string, resource: string): string {
  return `${group} ${resource}`
}
