import { field, isObject, strings } from '../cluster/json.ts'
import { noting, type SettingsDocument } from './document.ts'
import type { Decoded, ExceptionNote } from './exception.ts'

/** The configuration of kube-linter: `checks.exclude` accepts everywhere; the rest chooses checks, as a profile does. */
export function decodeKubeLinter(document: SettingsDocument): Decoded {
  const notes: ExceptionNote[] = []
  const told = noting(document, notes)
  const { value } = document
  if (!isObject(value)) {
    told('malformed', [], 'a configuration of kube-linter is a mapping')
    return { exceptions: [], notes }
  }
  for (const key of Object.keys(value)) {
    if (key === 'checks') continue
    told(
      'not-carried-over',
      [key],
      key === 'customChecks' ? 'custom checks name templates of kube-linter' : `${key} is not known`,
    )
  }
  const checks = field(value, 'checks')
  for (const key of Object.keys(isObject(checks) ? checks : {}))
    if (key !== 'exclude') told('not-carried-over', ['checks', key], TOLD.get(key) ?? `checks.${key} is not known`)
  const exceptions = strings(field(checks, 'exclude')).flatMap((id, index) => {
    const path = ['checks', 'exclude', index]
    if (/[*?]/.test(id)) {
      told('malformed', path, `${id} is no id of a check`)
      return []
    }
    return [
      {
        name: id,
        kind: 'kube-linter' as const,
        from: 'given' as const,
        resources: [{}],
        checks: [`kube-linter:${id}`],
        reason: '',
        expires: 'never',
        place: () => document.place(path),
      },
    ]
  })
  return { exceptions, notes }
}

const TOLD: ReadonlyMap<string, string> = new Map([
  ['addAllBuiltIn', 'which checks are asked is chosen by --profile or --checks'],
  ['doNotAutoAddDefaults', 'which checks are asked is chosen by --profile or --checks'],
  ['include', 'which checks are asked is chosen by --profile or --checks'],
  ['ignorePaths', 'what is read is named by -f'],
])
