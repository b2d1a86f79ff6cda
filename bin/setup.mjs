// Makes a fresh checkout ready: the locked dependencies (the pinned Node among them) and the page of the HTML report; run
// by itself, the command line in few files as well. Runs on any Node from 20; does nothing when all is in place.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
const windows = process.platform === 'win32'

/** The pinned Node that everything runs on. */
export const node = join(modules, 'node', 'bin', windows ? 'node.exe' : 'node')

function run(command, args) {
  // Standard output is for data: whoever runs `npm start > report.txt` wants no word of npm in it.
  execFileSync(command, args, { cwd: root, stdio: ['ignore', process.stderr, process.stderr], shell: windows })
}

function digest(paths) {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(path).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

function stamped(file, value) {
  return existsSync(file) && readFileSync(file, 'utf8') === value
}

function dependencies() {
  const stamp = join(modules, '.bulkhead-setup')
  const value = digest(['package.json', 'package-lock.json'])
  if (stamped(stamp, value) && existsSync(node)) return
  console.error('Installing the locked dependencies (once) …')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  // Where install scripts are not run, the package that brings Node has not fetched it yet.
  if (!existsSync(node)) run(process.execPath, [join(modules, 'node', 'installArchSpecificPackage.js')])
  if (!existsSync(node))
    throw new Error(`npm did not install Node: ${node} is missing. Run: npm ci --foreground-scripts`)
  writeFileSync(stamp, value)
}

function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .sort()
}

function page() {
  if (!existsSync(join(root, 'web'))) return
  const stamp = join(root, 'dist', 'web', '.stamp')
  const value = digest(['package-lock.json', ...sources('web'), ...sources('src/radius'), ...sources('src/report')])
  if (stamped(stamp, value) && existsSync(join(root, 'dist', 'web', 'report.html'))) return
  console.error('Building the page of the report (once) …')
  run(node, [join(modules, 'vite', 'bin', 'vite.js'), 'build', '--config', 'web/vite.config.ts', '--logLevel', 'warn'])
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, value)
}

/** Contents would take longer to read than the whole of this saves. */
function stateOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths) {
    const { size, mtimeMs } = statSync(join(root, path))
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

/**
 * The hundreds of modules of the command line as a few, which start in two thirds of the time. Where that cannot be made,
 * the modules run as they are: dist/run is never older than they. As deep in the tree as src/cli, for what they find by
 * their own place.
 */
function program() {
  const made = join(root, 'dist', 'run')
  const stamp = join(made, '.stamp')
  // bin/bulkhead compares times: what changes while this runs is newer than the stamp.
  const now = new Date()
  const value = stateOf(['package-lock.json', 'bin/run.config.mjs', ...sources('src')])
  if (stamped(stamp, value)) {
    utimesSync(stamp, now, now)
    return
  }
  rmSync(made, { recursive: true, force: true })
  const fresh = `${made}-${process.pid}`
  try {
    const how = ['--config', 'bin/run.config.mjs', '--configLoader', 'native', '--logLevel', 'error']
    const what = ['--ssr', 'src/cli/main.ts', '--outDir', fresh, '--assetsDir', '.', '--target', 'esnext']
    run(node, [join(modules, 'vite', 'bin', 'vite.js'), 'build', ...how, ...what])
    writeFileSync(join(fresh, '.stamp'), value)
    utimesSync(join(fresh, '.stamp'), now, now)
    renameSync(fresh, made)
  } catch {
    // The sources are being worked on, or another run has put its own there.
    rmSync(fresh, { recursive: true, force: true })
  }
}

/**
 * The objects of policies/ beside those modules, which read them in a fraction of the time. What they find to be older than
 * the policies they do not use.
 */
function catalogue() {
  const made = join(root, 'dist', 'run')
  if (!existsSync(made)) return
  const keep = `import { keepCatalogueIn } from './src/observe/catalogue.ts'; keepCatalogueIn(process.argv[1])`
  try {
    run(node, ['--input-type=module', '--eval', keep, join(made, 'catalogue.json')])
  } catch {
    // The sources are being worked on; without it the policies are read as they stand.
  }
}

export function setup() {
  dependencies()
  page()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    setup()
    program()
    catalogue()
  } catch (error) {
    console.error(`Setting up failed: ${error.message}`)
    process.exit(1)
  }
}
