import { spend } from '../../cel/run/work.ts'
import { isObject, type Json, list } from '../../cluster/json.ts'

/** One text for equal values: the order of keys says nothing, and a field that is null is absent. */
export function canonical(value: Json): string {
  spend(1)
  if (Array.isArray(value)) return `[${list(value).map(canonical).join()}]`
  if (isObject(value)) {
    const fields = Object.keys(value)
      .filter((key) => value[key] !== null)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key] as Json)}`)
    return `{${fields.join()}}`
  }
  const text = JSON.stringify(value)
  spend(text.length)
  return text
}
