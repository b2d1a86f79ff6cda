import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildCluster, type Cluster } from '../cluster.ts'
import { at, field, isObject, list } from '../json.ts'
import { type KubeObject, toObject } from '../object.ts'
import { parseYaml } from '../yaml.ts'

const ROOT = process.env.BULKHEAD_CORPUS ?? new URL('../../../../shared/corpus', import.meta.url).pathname

/** For tests: why corpus tests are skipped, or false when the corpus is there (`BULKHEAD_CORPUS`, else ../shared/corpus). */
export const skipped: string | false = existsSync(ROOT) ? false : `there is no corpus at ${ROOT}`

/** For tests: one set of the corpus as a cluster; documents that do not parse are left out. */
export function corpus(set: string): Cluster {
  const objects: KubeObject[] = []
  const files = readdirSync(join(ROOT, set), { recursive: true, encoding: 'utf8' }).sort()
  for (const file of files.filter((name) => /\.ya?ml$/.test(name))) {
    for (const text of readFileSync(join(ROOT, set, file), 'utf8').split(/^---.*$/m)) {
      const { value } = parseYaml(text)
      for (const body of Array.isArray(at(value, 'items')) ? list(at(value, 'items')) : [value]) {
        if (!isObject(body) || typeof field(body, 'kind') !== 'string') continue
        const object = toObject(
          body,
          { source: 0, start: 0, end: 0, inner: [] },
          { namespace: 'default', clusterScoped: new Set() },
        )
        if (typeof object !== 'string') objects.push(object)
      }
    }
  }
  return buildCluster({ objects })
}
