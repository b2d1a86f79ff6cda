import { graphDocument } from '../../report/build.ts'
import { dot } from '../../report/dot.ts'
import { jsonLines } from '../../report/json.ts'
import { analyseInput } from '../analyse.ts'
import type { CommonFlags } from '../options.ts'
import { targetsOf, write } from '../output.ts'

const FORMATS = ['json', 'dot'] as const

/** Every node and edge. */
export async function graph(flags: CommonFlags): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const { analysis, code } = await analyseInput(flags)
  for (const target of targets)
    await write(
      target.format === 'dot' ? dot(analysis.nodes, analysis.edges) : jsonLines(graphDocument(analysis)),
      target,
    )
  return code
}
