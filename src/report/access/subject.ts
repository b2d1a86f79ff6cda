import { parseSubject, subjectText } from '../../cluster/subject-text.ts'

/** The user name of a record as a subject: that of a service account is that service account. */
export function userText(user: string): string {
  const subject = parseSubject(`user:${user}`)
  return subject ? subjectText(subject) : 'user:'
}
