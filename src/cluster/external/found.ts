/** A host as it stands in a text, before anybody knows whether it is one. */
export interface Found {
  /** Lower case, no trailing dot. Empty where a placeholder stands for it. */
  readonly host: string
  readonly port: number | undefined
  readonly scheme: string | undefined
  /** What made it one: a URL, a port, or only the key before it. */
  readonly by: 'url' | 'port' | 'key'
  readonly key: string
  /**
   * A password or token stood before the host, or beside it: written out, or filled in by the named variable. `public`
   * for a key that everybody may see.
   */
  readonly userInfo: 'literal' | 'public' | { readonly variable: string } | undefined
  /** The names in the placeholders of the host. */
  readonly variables: readonly string[]
}
