#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Most of a short run is reading our own code: Node keeps it compiled between runs.
enableCompileCache()

const { run } = await import('./run.ts')
process.exitCode = await run(process.argv.slice(2))
// What is left open (a pipe that gave up, a file that is still read) must not keep the process. Not at once: `exit` waits for
// the threads that compile and serves them no more, so that one that asks for a collection is waited for without end
// (nodejs/node#54918). Where nothing is open the process ends by itself, and these threads before it.
setTimeout(() => process.exit(), 200).unref()
