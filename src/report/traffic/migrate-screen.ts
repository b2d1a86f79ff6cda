import type { Migration, Move } from '../../engines/traffic/migrate/migration.ts'
import { TOOLS } from '../../engines/traffic/migrate/tools.ts'
import { ARCHIVED, LAST_RELEASE } from '../../engines/traffic/routes/findings/unmaintained.ts'
import { markdownText, rows } from '../escape.ts'
import type { Terminal } from '../style.ts'
import { table, wrap } from '../table.ts'
import { counted } from '../text.ts'
import { limitWords } from './limit-words.ts'
import { lossTexts, type ToldMigration } from './migrate.ts'

const MOST_MOVES = 30

/** What a move would lose, Ingress by Ingress. */
export function* migrationLines({ migration }: ToldMigration, term: Terminal): Generator<string> {
  const { to, moves, without } = migration
  const { title, version } = TOOLS[to]
  yield* wrap(sentence(migration), term.width).map(term.bold)
  yield* wrap(
    `ingress-nginx is read-only since ${ARCHIVED}; its last release is ${LAST_RELEASE}. What ${title} ${version} does by itself stands under TOOL, what the objects of -o yaml do under KEPT BY OBJECTS.`,
    term.width,
  ).map(term.dim)
  for (const move of moves.slice(0, MOST_MOVES)) yield* moveLines(move, term)
  if (moves.length > MOST_MOVES) yield term.dim(`and ${moves.length - MOST_MOVES} more: -o json, -o md`)
  if (without.length > 0) {
    yield ''
    const names = without.slice(0, 5).map(({ namespace, name }) => `${namespace}/${name}`)
    const more = without.length > 5 ? ` and ${without.length - 5} more` : ''
    yield* wrap(`Without any limit to lose: ${names.join(', ')}${more}.`, term.width).map(term.dim)
  }
}

function sentence({ to, moves, without }: Migration): string {
  if (moves.length + without.length === 0) return 'No Ingress of the input is served by ingress-nginx.'
  const limits = moves.flatMap((move) => move.limits)
  const lost = limits.filter(({ byTool }) => byTool === 'lost').length
  const kept = limits.filter(({ byTool, byObjects }) => byTool === 'lost' && byObjects !== 'lost').length
  const count = counted(moves.length + without.length, 'Ingress', 'Ingresses')
  const all = `${count[0]?.toUpperCase()}${count.slice(1)} of ingress-nginx, ${moves.length} with limits`
  if (moves.length === 0) return `${all}: nothing to lose.`
  if (limits.length === 0) return `${all}, none of which does anything today.`
  const told = [
    `a move to ${to} by ${TOOLS[to].title} loses ${lost} of ${limits.length} ${limits.length === 1 ? 'limit' : 'limits'}`,
    ...(lost > 0
      ? [
          `${kept === lost ? 'objects that are written here keep them' : `objects that are written here keep ${kept} of them`}`,
        ]
      : []),
  ]
  return `${all}; ${told.join('; ')}.`
}

function* moveLines(
  { ingress, limits, inert, losses, annotations, defaults }: Move,
  term: Terminal,
): Generator<string> {
  yield ''
  yield term.bold(`Ingress ${ingress.namespace}/${ingress.name}`)
  const own = [
    ...limits.map(({ limit, byTool, byObjects }) => [limitWords(limit.limit), byTool, byObjects]),
    ...inert.map(({ limit }) => [limitWords(limit), 'does nothing today', '']),
    ...annotations
      .filter(({ name }) => /source-range$|buffer-size$/.test(name))
      .map(({ name, value, becomes }) => [`${name}: ${value}`, becomes, '']),
  ]
  if (own.length > 0)
    yield* table(
      [{ title: 'LIMIT', least: 30 }, { title: 'TOOL' }, { title: 'KEPT BY OBJECTS' }],
      own,
      term.width - 2,
    ).map((line) => `  ${line}`)
  for (const text of lossTexts(losses)) yield* wrap(text, term.width, '    ', '  - ').map(term.dim)
  for (const each of defaults) yield* wrap(`lost: ${each}`, term.width, '    ', '  - ').map(term.dim)
}

/** The whole report for a pull request or a wiki. */
export function* migrationMarkdown({ migration }: ToldMigration): Generator<string> {
  const { to, moves } = migration
  yield `# From ingress-nginx to ${to}\n\n${markdownText(sentence(migration))}\n\n`
  for (const { ingress, limits, inert, losses, defaults } of moves) {
    yield `## Ingress ${markdownText(`${ingress.namespace}/${ingress.name}`)}\n\n`
    yield* rows(
      ['limit', `by ${TOOLS[to].title}`, 'by the objects'],
      [
        ...limits.map(({ limit, byTool, byObjects }) => [limitWords(limit.limit), byTool, byObjects]),
        ...inert.map(({ limit }) => [limitWords(limit), 'does nothing today', '']),
      ],
    )
    for (const text of lossTexts(losses)) yield `- ${markdownText(text)}\n`
    for (const each of defaults) yield `- lost: ${markdownText(each)}\n`
    yield '\n'
  }
}
