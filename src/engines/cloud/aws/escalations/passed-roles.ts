import type { Context } from '../context.ts'
import type { EscalationRule, Needed } from './rule.ts'

/** `actions`: all are needed; of a list one suffices. */
const pass = (
  id: string,
  title: string,
  service: string,
  actions: readonly (string | readonly string[])[],
  besides?: string,
): EscalationRule => ({
  id,
  title,
  precondition: `iam:PassRole to ${service}, and ${actions.map((each) => (typeof each === 'string' ? each : each.join(' or '))).join(', ')}`,
  *steps(of) {
    const needs: Needed[] = []
    for (const action of actions) {
      const found = (typeof action === 'string' ? [action] : action).flatMap((each) => of.some(each) ?? [])
      const best = found.find(({ answer }) => answer === 'yes') ?? found[0]
      if (best === undefined) return
      needs.push(best)
    }
    const context: Context = new Map([['iam:PassedToService', [service]]])
    for (const role of of.roles) {
      if (!role.arn.includes(`::${of.account}:`)) continue
      const passed = of.may('iam:PassRole', role.arn, context)
      if (passed.answer === 'no') continue
      const all = [...needs, passed, of.trusts(role, service)]
      yield { to: { kind: 'principal', arn: role.arn }, needs: all, ...(besides !== undefined && { besides }) }
    }
  },
})

/** Handing a role to a service that then runs what the principal gave it. */
export const PASSED_ROLES: readonly EscalationRule[] = [
  pass('pass-role-ec2', 'Start an instance with a role', 'ec2.amazonaws.com', ['ec2:RunInstances']),
  pass(
    'pass-role-ec2-profile',
    'Give a role to a running instance',
    'ec2.amazonaws.com',
    [['ec2:AssociateIamInstanceProfile', 'ec2:ReplaceIamInstanceProfileAssociation']],
    'whether it controls an instance',
  ),
  pass('pass-role-autoscaling', 'Start instances of a launch configuration with a role', 'ec2.amazonaws.com', [
    'autoscaling:CreateLaunchConfiguration',
    ['autoscaling:CreateAutoScalingGroup', 'autoscaling:UpdateAutoScalingGroup'],
  ]),
  pass(
    'pass-role-eks-nodes',
    'Start nodes with a role',
    'ec2.amazonaws.com',
    ['eks:CreateNodegroup'],
    'whether it runs pods on the nodes',
  ),
  pass(
    'pass-role-pod-identity',
    'Associate a role with a service account',
    'pods.eks.amazonaws.com',
    [['eks:CreatePodIdentityAssociation', 'eks:UpdatePodIdentityAssociation']],
    'whether it runs pods of the service account',
  ),
  pass('pass-role-lambda', 'Run a function with a role', 'lambda.amazonaws.com', [
    'lambda:CreateFunction',
    [
      'lambda:InvokeFunction',
      'lambda:CreateEventSourceMapping',
      'lambda:AddPermission',
      'lambda:CreateFunctionUrlConfig',
    ],
  ]),
  pass('pass-role-lambda-update', 'Give a function another role', 'lambda.amazonaws.com', [
    'lambda:UpdateFunctionConfiguration',
    'lambda:UpdateFunctionCode',
  ]),
  pass('pass-role-cloudformation', 'Create a stack with a role', 'cloudformation.amazonaws.com', [
    [
      'cloudformation:CreateStack',
      'cloudformation:UpdateStack',
      'cloudformation:CreateChangeSet',
      'cloudformation:CreateStackSet',
    ],
  ]),
  pass('pass-role-codebuild', 'Run a build with a role', 'codebuild.amazonaws.com', [
    ['codebuild:CreateProject', 'codebuild:UpdateProject'],
    ['codebuild:StartBuild', 'codebuild:StartBuildBatch'],
  ]),
  pass('pass-role-sagemaker-notebook', 'Open a notebook with a role', 'sagemaker.amazonaws.com', [
    'sagemaker:CreateNotebookInstance',
    'sagemaker:CreatePresignedNotebookInstanceUrl',
  ]),
  pass('pass-role-sagemaker-job', 'Run a job of SageMaker with a role', 'sagemaker.amazonaws.com', [
    ['sagemaker:CreateTrainingJob', 'sagemaker:CreateProcessingJob'],
  ]),
  pass('pass-role-glue', 'Run a job of Glue with a role', 'glue.amazonaws.com', [
    ['glue:CreateJob', 'glue:UpdateJob', 'glue:CreateDevEndpoint'],
    ['glue:StartJobRun', 'glue:CreateTrigger', 'glue:GetDevEndpoint'],
  ]),
  pass('pass-role-ecs', 'Run a task with a role', 'ecs-tasks.amazonaws.com', [
    'ecs:RegisterTaskDefinition',
    ['ecs:RunTask', 'ecs:StartTask', 'ecs:CreateService', 'ecs:UpdateService'],
  ]),
  pass('pass-role-states', 'Run a state machine with a role', 'states.amazonaws.com', [
    ['states:CreateStateMachine', 'states:UpdateStateMachine'],
    'states:StartExecution',
  ]),
  pass('pass-role-ssm', 'Run an automation with a role', 'ssm.amazonaws.com', ['ssm:StartAutomationExecution']),
  pass('pass-role-datapipeline', 'Run a pipeline with a role', 'datapipeline.amazonaws.com', [
    'datapipeline:CreatePipeline',
    'datapipeline:PutPipelineDefinition',
    'datapipeline:ActivatePipeline',
  ]),
]
