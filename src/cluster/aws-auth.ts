import { at, field, list, type Path, string, strings } from './json.ts'
import type { KubeObject } from './object.ts'
import { parseYaml } from './yaml.ts'

/**
 * One entry of ConfigMap kube-system/aws-auth: as whom aws-iam-authenticator lets an AWS principal in
 * (kubernetes-sigs/aws-iam-authenticator pkg/mapper/configmap).
 */
export interface AwsMapping {
  readonly list: 'mapRoles' | 'mapUsers'
  readonly index: number
  readonly arn: string
  /** May hold `{{SessionName}}` and the like, so that it stands for many users. */
  readonly username: string
  readonly groups: readonly string[]
  readonly object: KubeObject
}

const MOST_TEXT = 2 * 1024 ** 2

export function awsMappings(object: KubeObject | undefined): readonly AwsMapping[] {
  if (!object) return []
  return (['mapRoles', 'mapUsers'] as const).flatMap((key) => {
    const text = string(at(object.body, 'data', key))
    if (text === undefined || text.length > MOST_TEXT) return []
    const parsed = parseYaml(text)
    if (parsed.problem) return []
    return list(parsed.value).flatMap((entry, index) => {
      const arn = string(field(entry, key === 'mapRoles' ? 'rolearn' : 'userarn'))
      if (arn === undefined) return []
      const username = string(field(entry, 'username')) ?? ''
      // Without a user name the ARN is the name.
      return [
        {
          list: key,
          index,
          arn,
          username: username === '' ? arn : username,
          groups: strings(field(entry, 'groups')),
          object,
        },
      ]
    })
  })
}

export const AWS_AUTH = 'ConfigMap/kube-system/aws-auth'

export function mappingPath({ list }: AwsMapping): Path {
  return ['data', list]
}

/** Whether a mapping lets in a user of this name: `yes`, or `may` where its name is made of the session's. */
export function letsIn({ username }: Pick<AwsMapping, 'username'>, user: string): 'yes' | 'may' | 'no' {
  if (!username.includes('{{')) return username === user ? 'yes' : 'no'
  const parts = username.split(/\{\{[A-Za-z0-9]{1,40}\}\}/)
  const [head = '', ...rest] = parts
  if (!user.startsWith(head)) return 'no'
  let from = head.length
  for (const [at, part] of rest.entries()) {
    const found = at === rest.length - 1 ? user.lastIndexOf(part) : user.indexOf(part, from)
    if (found < from || (at === rest.length - 1 && found + part.length !== user.length)) return 'no'
    from = found + part.length
  }
  return 'may'
}
