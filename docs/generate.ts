// Writes the reference pages that are made of the code and of policies/: node docs/generate.ts
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { JOINS } from '../src/engines/joins.ts'
import { edgeKinds } from '../src/engines/kinds.ts'
import { readFolders } from './generate/check-folder.ts'
import { indexPage } from './generate/check-index.ts'
import { checkPage } from './generate/check-page.ts'
import { edgesPage } from './generate/edges.ts'
import { errorsPage } from './generate/errors.ts'
import { writtenPages } from './generate/finding.ts'
import { podSecurityPage } from './generate/pod-security.ts'
import { polarisPage } from './generate/polaris.ts'

/** Pages by their names under docs/reference. */
export function generated(): ReadonlyMap<string, string> {
  const folders = readFolders()
  const joins = JOINS.map(({ check }) => check)
  return new Map([
    ['edges.md', edgesPage([...edgeKinds().values()])],
    ['errors.md', errorsPage()],
    ['polaris.md', polarisPage([...folders.map(({ check }) => check), ...joins])],
    ['pod-security.md', podSecurityPage(folders)],
    ['checks/README.md', indexPage(folders, joins, writtenPages())],
    ...folders.map((folder): [string, string] => [`checks/${folder.check.id}.md`, checkPage(folder)]),
  ])
}

if (process.argv[1] === import.meta.filename) {
  mkdirSync(new URL('reference/checks', import.meta.url), { recursive: true })
  for (const [name, text] of generated()) {
    const file = new URL(`reference/${name}`, import.meta.url)
    let before = ''
    try {
      before = readFileSync(file, 'utf8')
    } catch {}
    if (before === text) continue
    writeFileSync(file, text)
    console.error(`wrote ${name}`)
  }
}
