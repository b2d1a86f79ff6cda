import { whoCan as ask } from '../../../engines/access/questions/who-can.ts'
import { questionOf } from '../../../engines/access/questions/words.ts'
import { subjectNames, subjectsCsv, subjectsDocument, subjectsLines } from '../../../report/access/who-can.ts'
import { jsonLines } from '../../../report/json.ts'
import { yamlPieces } from '../../../report/yaml.ts'
import { targetsOf, write } from '../../output.ts'
import { terminal } from '../../terminal.ts'
import { type QuestionFlags, readAccess, wordsOf } from './sources.ts'

const FORMATS = ['table', 'json', 'yaml', 'csv', 'name'] as const

/** Every subject that may: those that bindings name, and members of groups by what is known of them. */
export async function whoCan(flags: QuestionFlags, [verb = '', resource = '']: readonly string[]): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const words = wordsOf(flags, verb, resource)
  const { view, code } = await readAccess(flags)
  const question = questionOf(words, view.cluster, 'each')
  const found = ask(view, question)
  for (const target of targets) {
    const pieces: Record<(typeof FORMATS)[number], () => Iterable<string>> = {
      table: () =>
        subjectsLines(view, question, found, terminal(process.stdout, target.file !== undefined)).map(
          (line) => `${line}\n`,
        ),
      json: () => jsonLines(subjectsDocument(view, question, found)),
      yaml: () => yamlPieces(subjectsDocument(view, question, found)),
      csv: () => subjectsCsv(view, found),
      name: () => subjectNames(found),
    }
    await write(pieces[target.format](), target)
  }
  return code
}
