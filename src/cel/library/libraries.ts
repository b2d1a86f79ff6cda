import type { Library, Minor } from '../library.ts'
import { AUTHZ, AUTHZ_SELECTORS } from './authz.ts'
import { cidr } from './cidr.ts'
import { extLists } from './ext-lists.ts'
import { format } from './format.ts'
import { IP } from './ip.ts'
import { LISTS } from './lists.ts'
import { QUANTITY } from './quantity.ts'
import { REGEX } from './regex.ts'
import { SEMVER } from './semver.ts'
import { SETS } from './sets.ts'
import { strings } from './strings.ts'
import { TWO_VAR } from './two-var.ts'
import { URLS } from './urls.ts'

/**
 * The libraries of an API server 1.`minor` in expressions that may use what 1.`language` introduced
 * (k8s.io/apiserver pkg/cel/environment/base.go, filterAndBuildOpts); `minor` decides how they run.
 */
export function librariesOf(minor: Minor, language: Minor): readonly Library[] {
  const known = Math.min(minor, language)
  const all = [
    URLS,
    REGEX,
    LISTS,
    AUTHZ,
    QUANTITY,
    strings(minor),
    SETS,
    IP,
    cidr(minor),
    format(minor),
    minor >= 32 ? AUTHZ_SELECTORS : [],
    TWO_VAR,
    SEMVER,
    extLists(minor),
  ].flat()
  return all.filter(({ since, until }) => since <= known && (until === undefined || known < until))
}
