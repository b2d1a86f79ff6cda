import { field, isObject, list, string } from '../cluster/json.ts'
import { noting, type SettingsDocument } from './document.ts'
import { type Decoded, type Exception, type ExceptionNote, isDay } from './exception.ts'

const CHECK = /^(AVD-)?(KSV|KCV)-?\d+$/i
const MOST_LINES = 100_000

/** `.trivyignore`: an id a line, `#` begins a comment, `exp:YYYY-MM-DD` says until when. */
export function decodeTrivyIgnore(file: string, text: string): Decoded {
  const notes: ExceptionNote[] = []
  const exceptions: Exception[] = []
  let above = ''
  for (const [index, line] of text.split(/\r?\n/, MOST_LINES).entries()) {
    const location = { file, line: index + 1, column: 1 }
    const hash = line.indexOf('#')
    const comment = hash < 0 ? '' : line.slice(hash + 1).trim()
    const words = (hash < 0 ? line : line.slice(0, hash)).split(/\s+/).filter((word) => word !== '')
    const [id, ...rest] = words
    if (id === undefined) {
      above = comment
      continue
    }
    const day = rest.find((word) => word.startsWith('exp:'))?.slice('exp:'.length)
    if (!CHECK.test(id))
      notes.push({ kind: 'not-carried-over', text: `${id} is no check of Kubernetes objects`, location })
    else if (day !== undefined && !isDay(day))
      notes.push({ kind: 'malformed', text: `${id}: ${day} is no day`, location })
    else exceptions.push({ ...made(id, comment === '' ? above : comment, day), place: () => location })
    above = ''
  }
  return { exceptions, notes }
}

/** `.trivyignore.yaml`: `misconfigurations` with id, statement and expired_at. */
export function decodeTrivyIgnoreYaml(document: SettingsDocument): Decoded {
  const notes: ExceptionNote[] = []
  const told = noting(document, notes)
  if (!isObject(document.value)) {
    told('malformed', [], 'it is not a mapping')
    return { exceptions: [], notes }
  }
  for (const key of Object.keys(document.value))
    if (key !== 'misconfigurations') told('not-carried-over', [key], `${key} are not judged here`)
  const exceptions = list(field(document.value, 'misconfigurations')).flatMap((item, index) => {
    const path = ['misconfigurations', index]
    const id = string(field(item, 'id'))
    const day = string(field(item, 'expired_at'))?.slice(0, 10)
    if (id === undefined) told('malformed', path, 'an entry has no id')
    else if (day !== undefined && !isDay(day)) told('malformed', path, `${id}: expired_at is no day`)
    else if (!CHECK.test(id)) told('not-carried-over', path, `${id} is no check of Kubernetes objects`)
    else if (list(field(item, 'paths')).length > 0)
      told('not-carried-over', path, `${id} is ignored in some files only; name the resources in an Exception instead`)
    else return [{ ...made(id, string(field(item, 'statement')) ?? '', day), place: () => document.place(path) }]
    return []
  })
  return { exceptions, notes }
}

function made(id: string, reason: string, day: string | undefined): Exception {
  return {
    name: id,
    kind: 'trivy',
    from: 'given',
    resources: [{}],
    checks: [`trivy:${id}`],
    reason,
    expires: day ?? 'never',
  }
}
