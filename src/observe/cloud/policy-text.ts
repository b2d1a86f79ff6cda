import { isObject, type Json } from '../../cluster/json.ts'
import { jsonValues } from './values.ts'

/** IAM allows at most 10,240 characters of a policy; this is for what hostile files hold. */
const MOST_TEXT = 16 * 1024 ** 2

/** A policy document as an object, or as the text (URL-encoded by the API itself) that some forms have in its place. */
export function policyDocument(value: Json | undefined): Json | undefined {
  if (isObject(value)) return value
  if (typeof value !== 'string' || value.length > MOST_TEXT) return undefined
  const text = /^\s*\{/.test(value) ? value : decoded(value)
  if (text === undefined) return undefined
  const { values, fault } = jsonValues(text)
  return fault || values.length !== 1 ? undefined : values[0]
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
