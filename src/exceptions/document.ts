import type { Json, Path } from '../cluster/json.ts'
import type { Location } from '../cluster/origin.ts'
import { yamlPositions } from '../cluster/positions.ts'
import { parseYaml } from '../cluster/yaml.ts'
import type { ExceptionNote } from './exception.ts'

/** A file of another tool, read as one document. */
export interface SettingsDocument {
  readonly file: string
  readonly value: Json
  place(path: Path): Location
}

/** YAML or JSON, which is YAML; a note where it is neither. */
export function documentOf(file: string, text: string): SettingsDocument | ExceptionNote {
  const parsed = parseYaml(text)
  if (parsed.problem) {
    const { message, line, column } = parsed.problem
    return { kind: 'malformed', text: message, location: { file, line: line + 1, column: column + 1 } }
  }
  let find: ReturnType<typeof yamlPositions> | undefined
  return {
    file,
    value: parsed.value,
    place: (path) => {
      find ??= yamlPositions(text)
      const { line, column } = find(path)
      return { file, line: line + 1, column: column + 1 }
    },
  }
}

/** Notes of one document, each with its place. */
export function noting(
  document: SettingsDocument,
  notes: ExceptionNote[],
): (kind: ExceptionNote['kind'], path: Path, text: string) => void {
  return (kind, path, text) => {
    notes.push({ kind, text, location: document.place(path) })
  }
}
