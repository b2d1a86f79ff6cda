// `npm start`: the main job on the built-in example with its history. The path of the HTML report is the last line of standard output.
import { spawnSync } from 'node:child_process'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { node, setup } from './setup.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
try {
  setup()
} catch (error) {
  console.error(`Setting up failed: ${error.message}`)
  process.exit(1)
}
const report = join(root, 'bulkhead-report.html')
const folder = join('examples', 'shop')
const args = [
  join('src', 'cli', 'main.ts'),
  'scan',
  '-f',
  folder,
  '-R',
  '--history',
  join(folder, 'history'),
  '-o',
  'table',
  '-o',
  `html=${relative(root, report)}`,
]
const { status } = spawnSync(node, args, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, BULKHEAD_COMMAND: join('bin', 'bulkhead') },
})
if (status === 0) console.log(report)
process.exit(status ?? 1)
