import type { CheckItem } from '../../checks.ts'
import { formatPath, type Path } from '../../cluster/json.ts'
import { writtenAt } from '../../cluster/made.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { Locate } from '../../cluster/origin.ts'
import type { Check, Offence } from '../../engines/check.ts'
import { type Witness, witness } from '../evidence.ts'
import { JsonText, jsonLines, jsonText } from '../json.ts'
import { acceptedBy } from './exceptions.ts'
import { type Judged, shownItems } from './judged.ts'
import { aliasesOf, faultsOf, policyResults, refOf } from './results.ts'

/** What `policyResults` says as JSON, an item a line. */
export function resultsJson(judged: Judged): Generator<string> {
  return jsonLines({ ...policyResults(judged), items: itemTexts(judged) })
}

function* itemTexts(judged: Judged): Generator<JsonText> {
  const writer = new ItemWriter(judged.locate)
  for (const item of shownItems(judged)) yield new JsonText(writer.text(item))
}

const MOST_SAID = 1 << 12

/**
 * Writes a `PolicyResult` without making one. The text of an object is that of its members, one after the other, so that
 * what thousands of items share is made into text once: what a check is called, what an object is called, a place.
 */
class ItemWriter {
  readonly #locate: Locate
  /** By check and kind of object. */
  readonly #checks = new Map<Check, Map<string, string>>()
  /** What checks say, and where: most of it is said of many objects. */
  readonly #said = new Map<string, string>()
  /** Items come object by object. */
  #object: KubeObject | undefined
  #resource = ''
  #seen: Witness | undefined
  /** Places in that object, by path. */
  readonly #places = new Map<string, string>()

  constructor(locate: Locate) {
    this.#locate = locate
  }

  text(item: CheckItem): string {
    const { check, object, result, severity, message, because, exception, known } = item
    if (this.#object !== object) this.#begin(object)
    const faults = faultsOf(item)
    const first = faults[0]
    let text = `{"policy":${this.#check(check, object.kind)},"resource":${this.#resource}`
    text += this.#named(first?.container)
    text += `,"result":"${result}","severity":${this.#say(severity)},"message":${this.#say(message)}`
    const location = first && this.#place(object, first.path)
    if (location) text += `,"location":{${location}}`
    let more = ''
    for (let index = 1; index < faults.length; index++) {
      const { path, container } = faults[index] as Offence
      const place = this.#place(object, path)
      if (place) more += `${more === '' ? '' : ','}{${place}${this.#named(container)}}`
    }
    if (more !== '') text += `,"more":[${more}]`
    if (because.length > 0) {
      this.#seen ??= witness(this.#locate)
      text += `,"because":${jsonText(this.#seen.evidence(because))}`
    }
    if (exception) text += `,"exception":${jsonText(acceptedBy(exception))}`
    return known ? `${text},"known":true}` : `${text}}`
  }

  #begin(object: KubeObject): void {
    this.#object = object
    this.#resource = jsonText(refOf(object))
    this.#seen = undefined
    this.#places.clear()
  }

  #say(text: string): string {
    const known = this.#said.get(text)
    if (known !== undefined) return known
    if (this.#said.size === MOST_SAID) this.#said.clear()
    const said = jsonText(text)
    this.#said.set(text, said)
    return said
  }

  /** Its id, and its aliases. */
  #check(check: Check, kind: string): string {
    let byKind = this.#checks.get(check)
    if (!byKind) {
      byKind = new Map()
      this.#checks.set(check, byKind)
    }
    const known = byKind.get(kind)
    if (known !== undefined) return known
    const text = `${jsonText(check.id)},"aliases":${jsonText(aliasesOf(check, kind))}`
    byKind.set(kind, text)
    return text
  }

  /** The members of a place; none of what no file holds. */
  #place(object: KubeObject, path: Path): string {
    const key = formatPath(path)
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const written = writtenAt(object, path)
    const { origin } = written.object
    const location = origin && this.#locate(origin, written.path)
    const text = location
      ? `"file":${this.#say(location.file)},"line":${location.line},"column":${location.column},"path":${this.#say(key)}`
      : ''
    this.#places.set(key, text)
    return text
  }

  #named(container: string | undefined): string {
    return container === undefined ? '' : `,"container":${this.#say(container)}`
  }
}
