import { type Answer, both } from './answer.ts'
import { ask, callerOf, findAll, surest } from './candidates.ts'
import type { Because } from './decide.ts'
import type { AwsPrincipal, AwsWorld } from './world.ts'

/** Reads or uses what is stored; changes or deletes it; hands it on to others. */
export type AwsAccess = 'read' | 'write' | 'control'

/** Something of AWS that a principal reaches. */
export interface AwsReach {
  /** `admin`: all of its account; else the service. */
  readonly kind: string
  /** An ARN or a pattern of ARNs, as the policy names it; the account of an administrator. */
  readonly resource: string
  readonly access: readonly AwsAccess[]
  readonly answer: Exclude<Answer, 'no'>
  readonly because: readonly Because[]
  readonly unseen: readonly string[]
}

type Actions = Readonly<Partial<Record<AwsAccess, readonly string[]>>>

/** Actions that give each access; one of them suffices. */
export const ASSETS: Readonly<Record<string, Actions>> = {
  s3: {
    read: ['s3:GetObject', 's3:GetObjectVersion'],
    write: ['s3:PutObject', 's3:DeleteObject', 's3:DeleteBucket', 's3:PutLifecycleConfiguration'],
    control: [
      's3:PutBucketPolicy',
      's3:PutBucketAcl',
      's3:PutObjectAcl',
      's3:PutBucketPublicAccessBlock',
      's3:PutReplicationConfiguration',
    ],
  },
  rds: {
    read: ['rds-db:connect', 'rds-data:ExecuteStatement', 'rds-data:BatchExecuteStatement'],
    write: ['rds:DeleteDBInstance', 'rds:DeleteDBCluster', 'rds:ModifyDBInstance', 'rds:ModifyDBCluster'],
    control: ['rds:ModifyDBSnapshotAttribute', 'rds:ModifyDBClusterSnapshotAttribute', 'rds:StartExportTask'],
  },
  secretsmanager: {
    read: ['secretsmanager:GetSecretValue', 'secretsmanager:BatchGetSecretValue'],
    write: ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecret', 'secretsmanager:DeleteSecret'],
    control: ['secretsmanager:PutResourcePolicy'],
  },
  ssm: {
    read: ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath', 'ssm:GetParameterHistory'],
    write: ['ssm:PutParameter', 'ssm:DeleteParameter'],
  },
  kms: {
    read: ['kms:Decrypt', 'kms:ReEncryptFrom'],
    write: ['kms:ScheduleKeyDeletion', 'kms:DisableKey'],
    control: ['kms:PutKeyPolicy', 'kms:CreateGrant'],
  },
  eks: {
    write: ['eks:DeleteCluster', 'eks:UpdateClusterConfig', 'eks:UpdateNodegroupConfig'],
    control: [
      'eks:CreateAccessEntry',
      'eks:UpdateAccessEntry',
      'eks:AssociateAccessPolicy',
      'eks:CreatePodIdentityAssociation',
      'eks:UpdatePodIdentityAssociation',
    ],
  },
  ecr: {
    read: ['ecr:BatchGetImage'],
    write: ['ecr:PutImage', 'ecr:BatchDeleteImage'],
    control: ['ecr:SetRepositoryPolicy'],
  },
  dynamodb: {
    read: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:Scan'],
    write: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:DeleteTable'],
    control: ['dynamodb:PutResourcePolicy'],
  },
  ec2: {
    read: ['ebs:GetSnapshotBlock', 'ec2:GetPasswordData'],
    write: ['ec2:TerminateInstances', 'ec2:StopInstances', 'ec2:DeleteVolume'],
    control: ['ec2:ModifySnapshotAttribute', 'ec2:AuthorizeSecurityGroupIngress'],
  },
  lambda: { read: ['lambda:InvokeFunction'], write: ['lambda:UpdateFunctionCode'], control: ['lambda:AddPermission'] },
  sqs: { read: ['sqs:ReceiveMessage'], write: ['sqs:SendMessage', 'sqs:PurgeQueue'], control: ['sqs:AddPermission'] },
  sns: { read: ['sns:Subscribe'], write: ['sns:Publish'], control: ['sns:AddPermission'] },
  elasticfilesystem: {
    read: ['elasticfilesystem:ClientMount'],
    write: ['elasticfilesystem:ClientWrite'],
    control: ['elasticfilesystem:PutFileSystemPolicy'],
  },
  route53: { write: ['route53:ChangeResourceRecordSets'] },
}

/** An administrator: whatever action, and the changes of policies among them, which denials often except. */
const ADMINISTRATION = ['*:*', 'iam:CreatePolicyVersion', 'iam:AttachRolePolicy', 'iam:PutRolePolicy', 'iam:PassRole']

/** Objects of S3 are `BUCKET/KEY`; a pattern of buckets alone names none. */
const isApt = (action: string, resource: string): boolean =>
  !/^s3:(Get|Put|Delete)Object/.test(action) ||
  resource === '*' ||
  /[/*]/.test(resource.slice(resource.lastIndexOf(':') + 1))

const ORDER: readonly AwsAccess[] = ['read', 'write', 'control']

/**
 * What a principal reaches in AWS, coarsely: whether it administers its account, and by service the resources that its
 * policies name, with what it may do there. What follows from becoming another principal is in `escalations`.
 */
export function assetsOf(principal: AwsPrincipal, world: AwsWorld): readonly AwsReach[] {
  const admin = administration(principal, world)
  const reached = admin === undefined ? [] : [admin]
  for (const kind of Object.keys(ASSETS)) reached.push(...assetsOfKind(principal, kind, world))
  return reached
}

/** Whether a principal administers its account; undefined where surely not. */
export function administration(principal: AwsPrincipal, world: AwsWorld): AwsReach | undefined {
  const caller = callerOf(principal)
  const decisions = ADMINISTRATION.map((action) => ask(caller, action, '*', world))
  const answer = decisions.reduce<Answer>((found, each) => both(found, each.answer), 'yes')
  const [first] = decisions
  if (answer === 'no' || first === undefined) return undefined
  const account = principal.arn.split(':', 5)[4] ?? ''
  return { kind: 'admin', resource: account, access: ORDER, answer, because: first.because, unseen: first.unseen }
}

function assetsOfKind(principal: AwsPrincipal, kind: string, world: AwsWorld): readonly AwsReach[] {
  const byResource = new Map<string, { access: Set<AwsAccess>; found: Omit<AwsReach, 'kind' | 'access'>[] }>()
  for (const access of ORDER) {
    for (const action of ASSETS[kind]?.[access] ?? []) {
      for (const each of findAll(principal, action, world)) {
        if (!isApt(action, each.resource)) continue
        const entry = byResource.get(each.resource) ?? { access: new Set(), found: [] }
        byResource.set(each.resource, entry)
        entry.access.add(access)
        entry.found.push(each)
      }
    }
  }
  return [...byResource]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([resource, { access, found }]) => {
      const best = surest(found)
      return best === undefined ? [] : [{ ...best, kind, resource, access: ORDER.filter((each) => access.has(each)) }]
    })
}
