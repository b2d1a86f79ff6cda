import { idParts } from './cluster/object.ts'
import { objectsOf } from './cluster/testing.ts'
import { type Analysis, analyse, type Options } from './loop.ts'
import type { Input } from './observe/files/read.ts'
import { pathsFrom } from './radius/paths.ts'

/** For tests: the analysis of YAML text, as if it were one file. */
export function analyseText(
  text: string,
  options: Options & { readonly listed?: readonly string[]; readonly namespace?: string } = {},
): Judged {
  const objects = objectsOf(text, { namespace: options.namespace ?? 'default' })
  const input: Input = {
    files: ['test.yaml'],
    objects,
    count: objects.length,
    other: 0,
    problems: [],
    duplicateKeys: [],
    listed: new Set(options.listed ?? []),
    notRead: [],
    notCollected: [],
    locate: () => undefined,
    bytes: () => undefined,
  }
  return judged(analyse(input, options))
}

export interface Judged {
  readonly analysis: Analysis
  /** Whether `from` controls `to` without a further exploit. */
  controls(from: string, to: string): boolean
  /** The best chance from one node to another. */
  chance(from: string, to: string): number
  /** Kinds of the edges between two nodes. */
  kinds(from: string, to: string): readonly string[]
  /** Whether `from` controls any node of this kind. */
  controlsSome(from: string, kind: string): boolean
}

export function judged(analysis: Analysis): Judged {
  const { graph, edges } = analysis
  const chance = (from: string, to: string): number => {
    const source = graph.indexOf(from)
    const target = graph.indexOf(to)
    return source === undefined || target === undefined ? 0 : (pathsFrom(graph, source).chance[target] as number)
  }
  return {
    analysis,
    chance,
    controls: (from, to) => chance(from, to) === 1,
    kinds: (from, to) =>
      [...new Set(edges.filter((edge) => edge.from === from && edge.to === to).map((edge) => edge.kind))].sort(),
    controlsSome: (from, kind) => {
      const source = graph.indexOf(from)
      if (source === undefined) return false
      const paths = pathsFrom(graph, source)
      return graph.ids.some(
        (id, at) => at < graph.sinkStart && idParts(id).kind === kind && paths.chance[at] === 1 && at !== source,
      )
    },
  }
}
