import type { EscalationRule } from './rule.ts'

/** What runs with which role no export of IAM tells, so that these steps are never sure. */
const enter = (
  id: string,
  title: string,
  service: string,
  actions: readonly string[],
  what: string,
): EscalationRule => ({
  id,
  title,
  precondition: `${actions.join(' or ')} on ${what} that runs with the role`,
  *steps(of) {
    const found = actions.flatMap((action) => of.some(action) ?? [])
    const best = found.find(({ answer }) => answer === 'yes') ?? found[0]
    if (best === undefined) return
    for (const role of of.roles)
      if (role.arn.includes(`::${of.account}:`))
        yield {
          to: { kind: 'principal', arn: role.arn },
          needs: [best, of.trusts(role, service)],
          besides: `whether ${what} that it reaches runs with ${role.arn}`,
        }
  },
})

/** Entering what already runs with a role. */
export const RUNNING: readonly EscalationRule[] = [
  enter(
    'command-instance',
    'Run a command on an instance',
    'ec2.amazonaws.com',
    [
      'ssm:SendCommand',
      'ssm:StartSession',
      'ssm:ResumeSession',
      'ec2-instance-connect:SendSSHPublicKey',
      'ec2-instance-connect:SendSerialConsoleSSHPublicKey',
    ],
    'an instance',
  ),
  enter(
    'change-user-data',
    'Change what an instance runs when it starts',
    'ec2.amazonaws.com',
    ['ec2:ModifyInstanceAttribute'],
    'an instance',
  ),
  enter(
    'change-function',
    'Change the code of a function',
    'lambda.amazonaws.com',
    ['lambda:UpdateFunctionCode'],
    'a function',
  ),
  enter(
    'change-stack',
    'Change a stack',
    'cloudformation.amazonaws.com',
    ['cloudformation:UpdateStack', 'cloudformation:CreateChangeSet'],
    'a stack',
  ),
  enter(
    'change-build',
    'Run a build with other commands',
    'codebuild.amazonaws.com',
    ['codebuild:StartBuild', 'codebuild:StartBuildBatch', 'codebuild:UpdateProject'],
    'a build',
  ),
  enter(
    'open-notebook',
    'Open a notebook',
    'sagemaker.amazonaws.com',
    ['sagemaker:CreatePresignedNotebookInstanceUrl', 'sagemaker:UpdateNotebookInstance'],
    'a notebook',
  ),
  enter(
    'change-glue-job',
    'Change a job of Glue',
    'glue.amazonaws.com',
    ['glue:UpdateJob', 'glue:UpdateDevEndpoint'],
    'a job',
  ),
  enter('enter-task', 'Run a command in a task', 'ecs-tasks.amazonaws.com', ['ecs:ExecuteCommand'], 'a task'),
]
