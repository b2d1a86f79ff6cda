import type { Terminal } from '../style.ts'
import { table, wrap } from '../table.ts'
import { clean, grouped, listed } from '../text.ts'
import { yamlText } from '../yaml.ts'
import type { ApiServerCap } from './apiserver.ts'

const CHOSEN: Readonly<Record<ApiServerCap['from'], string>> = {
  flag: 'as asked',
  need: 'what it needed while it did not flood, with headroom',
  default: 'the fewest, since its need is not known',
}

/** What a cap does, what it takes from others, and what it would have done to what was recorded. */
export function* capScreen(cap: ApiServerCap, term: Terminal): Generator<string> {
  yield term.bold(`A cap on ${cap.subject}: ${cap.verdict}`)
  for (const each of sentencesOf(cap)) yield* wrap(each, term.width, '  ', '- ')
  yield ''
  yield* table(
    [
      { title: 'PRIORITY LEVEL', least: 16 },
      { title: 'SEATS TODAY', right: true },
      { title: 'WITH THE CAP', right: true },
    ],
    [
      ...cap.levels.map(({ name, before, after }) => [name, grouped(before), grouped(after)]),
      [cap.name, '', grouped(cap.seats)],
    ],
    term.width,
  )
}

function sentencesOf(cap: ApiServerCap): readonly string[] {
  const today = listed([...new Set(cap.today.map(({ priorityLevel }) => priorityLevel))])
  const seats = `${cap.seats} ${cap.seats === 1 ? 'seat' : 'seats'} of each API server`
  return [
    ...cap.because,
    `${seats} (${cap.shares} ${cap.shares === 1 ? 'share' : 'shares'}, ${CHOSEN[cap.from]}), one request takes ${cap.seatsOfOneRequest} at most; ` +
      'it borrows none, and lends what it does not use',
    ...(today === ''
      ? []
      : [`its requests come before those of ${today}, where they are today, at precedence ${cap.matchingPrecedence}`]),
    ...(cap.replay.requests === 0 ? [] : replayed(cap)),
    ...cap.warnings,
  ]
}

/** What was recorded, at the level that is made. */
function replayed(cap: ApiServerCap): readonly string[] {
  const { replay } = cap
  return [
    cap.needSeats === null
      ? `it took ${cap.peakSeats} seats in its busiest second`
      : `it took ${cap.peakSeats} seats in its busiest second, and ${cap.needSeats} while it did not flood (p99.9 of its seconds)`,
    `of ${grouped(replay.requests)} recorded requests ${grouped(replay.served - replay.queued)} would have been served at once, ` +
      `${grouped(replay.queued)} after a time in the queue (at most ${grouped(Math.round(replay.mostWaitMs))} ms), ` +
      `${grouped(replay.refused)} answered 429${replay.firstRefused === '' ? '' : `, the first at ${replay.firstRefused}`}`,
    'replayed as they came: a client that waits for its answers would have asked less often',
    ...(replay.calm.requests === 0
      ? []
      : [
          `of the ${grouped(replay.calm.requests)} that were no flood, ${grouped(replay.calm.queued)} would have waited and ${grouped(replay.calm.refused)} been refused`,
        ]),
  ]
}

/** The two objects, and in comments what they do. */
export function* capYaml(cap: ApiServerCap): Generator<string> {
  const comment = (text: string): string => `# ${clean(text)}\n`
  yield comment(`A cap on ${cap.subject}, for kubectl apply -f. It takes effect within seconds, without a restart.`)
  for (const each of [`Verdict: ${cap.verdict}`, ...sentencesOf(cap)])
    for (const line of wrap(each, 110, '  ')) yield comment(line)
  const taken = cap.levels
    .filter(({ before, after }) => before !== after)
    .map(({ name, before, after }) => `${name} ${before} → ${after}`)
  for (const line of wrap(
    `Seats of the other levels: ${taken.length === 0 ? 'as before' : taken.join(', ')}.`,
    110,
    '  ',
  ))
    yield comment(line)
  yield comment(`Undo: kubectl delete flowschema,prioritylevelconfiguration ${cap.name}`)
  for (const each of cap.objects) yield `---\n${yamlText(each)}`
}
