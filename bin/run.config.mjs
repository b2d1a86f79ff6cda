// How the command line becomes few modules (bin/setup.mjs): with those that it depends on, and with as little of Node's own
// as a command needs.
const IMPORT = /^import (?:([\w$]+)|\* as ([\w$]+))?(?:, )?(?:\{([^}]*)\})? from "(node:[a-z0-9_/]+)";$/gm

/** Take long to load, and few commands call anything of them. */
const SELDOM = new Set(['node:child_process', 'node:crypto', 'node:zlib'])

/**
 * A module of Node's that is imported gives every one of its exports, and loads what each of them needs (`node:util` the
 * worker threads, `node:fs` the line reader): with those below a third of the start. Asked by name, it loads nothing more.
 */
function asked(_, one, all, names, id) {
  const builtin = `process.getBuiltinModule("${id}")`
  const whole = one ?? all
  const made = []
  if (whole && SELDOM.has(id)) made.push(`const ${whole} = new Proxy({}, { get: (_, name) => ${builtin}[name] });`)
  else if (whole) made.push(`const ${whole} = ${builtin};`)
  for (const each of names?.split(',') ?? []) {
    const [name, local = name] = each.trim().split(' as ')
    // A class may be asked for what is made of it.
    if (SELDOM.has(id) && /^[a-z]/.test(name)) made.push(`const ${local} = (...given) => ${builtin}.${name}(...given);`)
    else made.push(`const { ${name}: ${local} } = ${builtin};`)
  }
  return made.join(' ')
}

export default {
  plugins: [{ name: 'asked', renderChunk: (code) => code.replace(IMPORT, asked) }],
  ssr: { noExternal: true },
}
