import { idParts } from '../../cluster/object.ts'
import { subjectId } from '../../cluster/rbac.ts'
import { parseSubject } from '../../cluster/subject-text.ts'
import type { Analysis } from '../../loop.ts'
import { edgeId } from '../../radius/judge.ts'
import { pathsFrom } from '../../radius/paths.ts'
import { witness } from '../../report/evidence.ts'
import { jsonLines } from '../../report/json.ts'
import { API_VERSION } from '../../report/report.ts'
import { edgesOf, notesOf, placeText, told } from '../../report/story.ts'
import { wrap } from '../../report/table.ts'
import { nodeText } from '../../report/words.ts'
import { analyseInput } from '../analyse.ts'
import { UsageError } from '../exit.ts'
import type { CommonFlags } from '../options.ts'
import { targetsOf, write } from '../output.ts'
import { terminal } from '../terminal.ts'

const FORMATS = ['table', 'json'] as const

/** The best way from one node to a node or an asset, with the reason of every step. */
export async function path(flags: CommonFlags, from: string, to: string): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const { analysis, code } = await analyseInput(flags)
  const { graph, cluster, assets } = analysis
  const source = nodeNamed(analysis, from, false)
  const target = nodeNamed(analysis, to, true)
  const paths = pathsFrom(graph, source)
  const chance = paths.chance[target] as number
  const steps = edgesOf(analysis, paths.to(target))
  const seen = witness(cluster.locate)
  const title =
    target >= graph.sinkStart ? (assets[target - graph.sinkStart]?.title ?? '') : nodeText(graph.ids[target] as string)
  for (const output of targets) {
    const term = terminal(process.stdout, output.file !== undefined)
    if (output.format === 'json') {
      const document = {
        apiVersion: API_VERSION,
        kind: 'Path',
        from: graph.ids[source],
        to: graph.ids[target],
        chance,
        edges: steps.map((edge) => ({
          id: edgeId(edge),
          kind: edge.kind,
          from: edge.from,
          to: edge.to,
          chance: edge.chance,
          truth: edge.truth,
          because: seen.evidence(edge.because),
        })),
      }
      await write(jsonLines(document), output)
      continue
    }
    const head = headline(nodeText(graph.ids[source] as string), title, chance)
    const lines = wrap(head, term.width).map((line) => term.bold(line))
    for (const [at, step] of told(steps, analysis).entries()) {
      lines.push(...wrap(`${step.text}${notesOf(step)}`, term.width, '    ', `${at + 1}. `.padStart(4)))
      for (const reason of step.because)
        lines.push(...wrap(placeText(reason), term.width, '      ', '    ').map((line) => term.dim(line)))
    }
    await write(
      lines.map((line) => `${line}\n`),
      output,
    )
  }
  return code
}

function headline(from: string, to: string, chance: number): string {
  if (chance === 0) return `No way from ${from} to ${to} with at most two further exploits.`
  return chance === 1
    ? `From ${from} to ${to} without a further exploit:`
    : `From ${from} to ${to}, chance ${Number(chance.toPrecision(3))}:`
}

/** A node, or an asset, by id, subject, kind/name, namespace/name or name; several of one name are told. */
function nodeNamed({ graph, assets }: Analysis, wanted: string, orAsset: boolean): number {
  const subject = parseSubject(wanted)
  const exact =
    graph.indexOf(wanted) ??
    (subject && graph.indexOf(subjectId(subject))) ??
    (orAsset
      ? assetIndex(
          assets.findIndex((asset) => asset.id === wanted),
          graph.sinkStart,
        )
      : undefined)
  if (exact !== undefined) return exact
  const nodes = graph.ids.slice(0, graph.sinkStart)
  const matches = nodes.flatMap((id, at) => {
    const { kind, namespace, name } = idParts(id)
    const isScope = kind === 'Scope' || kind === 'Reach'
    const isAlone = kind === 'ControlPlane' || kind === 'Internet'
    if (isAlone && wanted.toLowerCase() === kind.toLowerCase()) return [at]
    const names = [name, `${namespace}/${name}`, `${kind.toLowerCase()}/${name}`, `${kind}/${name}`]
    return !isScope && names.includes(wanted) ? [at] : []
  })
  if (matches.length === 1) return matches[0] as number
  const workloads = matches.filter(
    (at) => !/^(ServiceAccount|Secret|Application|PersistentVolumeClaim)\//.test(nodes[at] as string),
  )
  if (workloads.length === 1) return workloads[0] as number
  if (matches.length > 1)
    throw new UsageError(
      `${wanted} may be ${matches
        .slice(0, 5)
        .map((at) => nodes[at])
        .join(', ')}; give one of these ids`,
    )
  throw new UsageError(`nothing is named ${wanted}; bulkhead graph -o json lists every node`)
}

function assetIndex(at: number, sinkStart: number): number | undefined {
  return at < 0 ? undefined : sinkStart + at
}
