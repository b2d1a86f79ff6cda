// `npm run build`: what the published package holds beside policies/: src/ as JavaScript with declarations, since Node
// takes no types away from files below node_modules, and the page of the report.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { node, setup } from './setup.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')
const PAGE = 'web'
try {
  setup()
} catch (error) {
  console.error(`Setting up failed: ${error.message}`)
  process.exit(1)
}
if (existsSync(dist))
  for (const name of readdirSync(dist)) if (name !== PAGE) rmSync(join(dist, name), { recursive: true })
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const { status } = spawnSync(node, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
