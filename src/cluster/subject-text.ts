import type { Subject } from './rbac.ts'

const ACCOUNT_USER = /^system:serviceaccount:([^:]+):(.+)$/

/** A subject as people write it: `user:NAME`, `group:NAME`, `sa:NAMESPACE/NAME`; undefined for anything else. */
export function parseSubject(text: string): Subject | undefined {
  const colon = text.indexOf(':')
  const name = text.slice(colon + 1)
  if (colon < 0 || name === '') return undefined
  switch (text.slice(0, colon)) {
    case 'user': {
      // The name of a service account as a user is that service account.
      const account = ACCOUNT_USER.exec(name)
      return account
        ? { kind: 'ServiceAccount', namespace: account[1] as string, name: account[2] as string }
        : { kind: 'User', namespace: '', name }
    }
    case 'group':
      return { kind: 'Group', namespace: '', name }
    case 'sa': {
      const [namespace, account, ...more] = name.split('/')
      return namespace && account && more.length === 0
        ? { kind: 'ServiceAccount', namespace, name: account }
        : undefined
    }
    default:
      return undefined
  }
}

export function subjectText({ kind, namespace, name }: Subject): string {
  if (kind === 'ServiceAccount') return `sa:${namespace}/${name}`
  return `${kind === 'User' ? 'user' : 'group'}:${name}`
}
