import { can as decide } from '../../../engines/access/questions/can.ts'
import { questionOf } from '../../../engines/access/questions/words.ts'
import { decisionDocument, decisionLines } from '../../../report/access/can.ts'
import { jsonLines } from '../../../report/json.ts'
import { yamlText } from '../../../report/yaml.ts'
import { targetsOf, write } from '../../output.ts'
import { terminal } from '../../terminal.ts'
import { type QuestionFlags, readAccess, subjectOf, wordsOf } from './sources.ts'

const FORMATS = ['table', 'json', 'yaml'] as const

/** Whether a subject may, and by which bindings; the answer is no reason for another exit code than 0. */
export async function can(
  flags: QuestionFlags,
  [who = '', verb = '', resource = '']: readonly string[],
): Promise<number> {
  const targets = targetsOf(flags, FORMATS)
  const subject = subjectOf(who)
  const words = wordsOf(flags, verb, resource)
  const { view, code } = await readAccess(flags)
  const question = questionOf(words, view.cluster, 'one')
  const decision = decide(view, subject, question)
  for (const target of targets) {
    const pieces: Record<(typeof FORMATS)[number], () => Iterable<string>> = {
      table: () =>
        decisionLines(view, question, decision, terminal(process.stdout, target.file !== undefined)).map(
          (line) => `${line}\n`,
        ),
      json: () => jsonLines(decisionDocument(view, question, decision)),
      yaml: () => [yamlText(decisionDocument(view, question, decision))],
    }
    await write(pieces[target.format](), target)
  }
  return code
}
