import type { Path } from '../json.ts'
import type { DefinitionSubject } from './definition.ts'
import type { Tell } from './problem.ts'

/** api/validation/path/name.go: what a name that is part of a URL cannot be. */
export function hasGoodName(name: string, path: Path, tell: Tell): boolean {
  const isGood = name !== '.' && name !== '..' && !name.includes('/') && !name.includes('%')
  if (!isGood)
    tell('invalid-name', 'error', path, `${JSON.stringify(name)} is no name of a binding: / and % are refused`)
  return isGood
}

const ACCOUNT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** rbac/validation ValidateRoleBindingSubject: one account of a bad name has the whole binding refused. */
export function isNamed({ kind, name, path }: DefinitionSubject, tell: Tell): boolean {
  if (kind !== 'ServiceAccount') return true
  const isGood = name.length <= 253 && name.split('.').every((each) => ACCOUNT_NAME.test(each))
  if (!isGood)
    tell(
      'invalid-name',
      'error',
      path,
      `${JSON.stringify(name)} is no name of a ServiceAccount: it is left out of the bindings`,
    )
  return isGood
}
