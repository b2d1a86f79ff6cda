#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'

// Another thread that makes code of ours, or what code needs to be left, while the process ends may wait for this one to
// collect garbage, and this one waits for it (nodejs/node#54918).
setFlagsFromString('--no-maglev-build-code-on-background')
setFlagsFromString('--no-maglev-deopt-data-on-background')
// Most of a short run is reading our own code: Node keeps it compiled between runs.
enableCompileCache()

const { run } = await import('./run.ts')
// What is left open (a pipe that gave up, a file that is still read) must not keep the process.
process.exit(await run(process.argv.slice(2)))
