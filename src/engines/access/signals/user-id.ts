import { subjectId } from '../../../cluster/rbac.ts'

/** The subject id of a user name: that of a service account is the account. */
export function userId(user: string): string {
  return subjectId({ kind: 'User', name: user, namespace: '' })
}
