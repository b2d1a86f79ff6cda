import { events } from './events.ts'
import { type Form, writeAudit } from './write.ts'

/** `node bench/audit/generate.ts FILE [COUNT] [FORM] [SEED]` */
const [path, count = '1000000', form = 'v1', seed = '1'] = process.argv.slice(2)
if (path === undefined) throw new Error('name the file to write')
writeAudit(path, form as Form, events(Number(seed), Number(count)))
