import { idParts } from '../cluster/object.ts'
import type { Edge } from '../engines/engine.ts'
import { clean } from './text.ts'

const SHAPES: Readonly<Record<string, string>> = {
  ServiceAccount: 'ellipse',
  User: 'ellipse',
  Group: 'ellipse',
  Node: 'hexagon',
  ControlPlane: 'doubleoctagon',
  Secret: 'note',
  PersistentVolumeClaim: 'cylinder',
  External: 'cds',
  CloudIdentity: 'component',
  AccessPolicy: 'folder',
  Internet: 'house',
  Scope: 'folder',
  Reach: 'folder',
}

/** The graph for Graphviz: dashed where the truth is unknown, grey where an exploit is needed. */
export function* dot(nodes: readonly string[], edges: readonly Edge[]): Generator<string> {
  yield 'digraph bulkhead {\n  rankdir=LR; node [shape=box, fontname="sans-serif"]; edge [fontname="sans-serif", fontsize=10];\n'
  for (const id of [...nodes].sort()) {
    const { kind, namespace, name } = idParts(id)
    yield `  ${quoted(id)} [label=${quoted(`${kind}\n${namespace === '' ? '' : `${namespace}/`}${name}`)}${SHAPES[kind] === undefined ? '' : `, shape=${SHAPES[kind]}`}];\n`
  }
  for (const { from, to, kind, chance, truth } of edges) {
    yield `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(chance < 1 ? `${kind} ${chance}` : kind)}${truth === 'unknown' ? ', style=dashed' : ''}${chance < 1 ? ', color=gray' : ''}];\n`
  }
  yield '}\n'
}

/** Lines of a label in a string of Graphviz: a backslash or a quote in a name is no syntax. */
function quoted(text: string): string {
  const lines = text.split('\n').map((line) => clean(line).replace(/["\\]/g, (char) => `\\${char}`))
  return `"${lines.join('\\n')}"`
}
