// `npm test`: sets up, then runs every test on the pinned Node. Arguments are handed on to the test runner.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { node, setup } from './setup.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
try {
  setup()
} catch (error) {
  console.error(`Setting up failed: ${error.message}`)
  process.exit(1)
}
const given = process.argv.slice(2)
const patterns = given.some((each) => !each.startsWith('-'))
  ? []
  : ['src/**/*.test.ts', 'web/**/*.test.ts', 'docs/**/*.test.ts', 'examples/**/*.test.ts']
const { status } = spawnSync(node, ['--test', ...given, ...patterns], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
