import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Form, writeAudit } from '../write.ts'
import { bindingsOf, planted } from './plant.ts'

/** `node bench/audit/planted/generate.ts FOLDER [COUNT] [FORM] [SEED] [clean]`: audit.log, rbac.json, people.csv, truth.json. */
const [folder, count = '20000', form = 'v1', seed = '1', clean] = process.argv.slice(2)
if (folder === undefined) throw new Error('name the folder to write to')
mkdirSync(folder, { recursive: true })
const made = planted(Number(seed), Number(count), clean === 'clean')
writeAudit(join(folder, 'audit.log'), form as Form, made.log)
const items = bindingsOf(made)
writeFileSync(join(folder, 'rbac.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
writeFileSync(join(folder, 'people.csv'), made.directory)
writeFileSync(join(folder, 'truth.json'), `${JSON.stringify(made.truth, null, 2)}\n`)
