import { findHosts } from './text.ts'

/** For tests: `scheme://host:port`, marked `!` where a credential stands before the host, `+` where one that is public does. */
export function hosts(text: string, key = ''): readonly string[] {
  return findHosts(text, key).found.map(({ scheme, host, port, by, userInfo, variables }) => {
    const secret =
      userInfo === undefined ? '' : userInfo === 'literal' ? '!' : userInfo === 'public' ? '+' : `!${userInfo.variable}`
    const name = host === '' ? `<${variables.join()}>` : host
    return `${by} ${scheme === undefined ? '' : `${scheme}://`}${secret}${name}${port === undefined ? '' : `:${port}`}`
  })
}
