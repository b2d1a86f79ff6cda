import { readInputs } from '../src/observe/files/read.ts'

// Reads what it is given and does nothing with it: what of a run is reading (the ratio that bench.ts prints).
const [file = ''] = process.argv.slice(2)
await readInputs([file], { keepAll: true })
