import type { AzureOperation } from './permits.ts'

const action = (name: string): AzureOperation => ({ name })

/** One way by which a principal becomes a managed identity: operations on it, and operations that run something as it. */
export interface AzureRule {
  readonly id: string
  readonly title: string
  /** On the identity; one of them suffices. */
  readonly operations: readonly AzureOperation[]
  /** Anywhere; one of them suffices. */
  readonly runs?: readonly AzureOperation[]
}

export const AZURE_RULES: readonly AzureRule[] = [
  {
    id: 'add-federation',
    title: 'Have it trust tokens of an issuer of one’s own',
    operations: [action('Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write')],
  },
  {
    id: 'assign-identity',
    title: 'Run something as it',
    // Azure lists the operation, and writes it into its own roles, with a star for the name of the identity.
    operations: [
      action('Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'),
      action('Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action'),
    ],
    runs: [
      'Microsoft.Compute/virtualMachines/write',
      'Microsoft.Compute/virtualMachineScaleSets/write',
      'Microsoft.ContainerInstance/containerGroups/write',
      'Microsoft.ContainerService/managedClusters/write',
      'Microsoft.App/containerApps/write',
      'Microsoft.App/jobs/write',
      'Microsoft.Web/sites/write',
      'Microsoft.Automation/automationAccounts/write',
      'Microsoft.Resources/deploymentScripts/write',
      'Microsoft.Logic/workflows/write',
      'Microsoft.DataFactory/factories/write',
      'Microsoft.MachineLearningServices/workspaces/write',
      'Microsoft.Batch/batchAccounts/pools/write',
    ].map(action),
  },
]

/** Operations by which a principal gives itself any role at a scope. */
export const ADMINISTRATION: readonly AzureOperation[] = [
  'Microsoft.Authorization/roleAssignments/write',
  'Microsoft.Authorization/roleAssignmentScheduleRequests/write',
].map(action)

/** What widens a custom role that it has there, or that somebody else has. */
export const DEFINITION: AzureOperation = action('Microsoft.Authorization/roleDefinitions/write')

/** What makes a global administrator one of every subscription; it is asked of the root scope alone. */
export const ELEVATION: AzureOperation = action('Microsoft.Authorization/elevateAccess/action')

/** Operations that run commands on virtual machines, as system or root. */
export const COMMANDS: readonly AzureOperation[] = [
  'Microsoft.Compute/virtualMachines/runCommand/action',
  'Microsoft.Compute/virtualMachines/runCommands/write',
  'Microsoft.Compute/virtualMachines/extensions/write',
  'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/runCommand/action',
  'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/runCommands/write',
  'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/extensions/write',
  'Microsoft.Compute/virtualMachineScaleSets/extensions/write',
].map(action)

/** Operations on a cluster that give its administrator’s credentials, or run commands in it. */
export const CLUSTER: readonly AzureOperation[] = [
  'Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action',
  'Microsoft.ContainerService/managedClusters/accessProfiles/listCredential/action',
  'Microsoft.ContainerService/managedClusters/runcommand/action',
].map(action)

export type AzureAccess = 'read' | 'write' | 'control'

const own = (name: string): AzureOperation => ({ name, isData: true })

/** Operations that give each access; one of them suffices. */
export const AZURE_ASSETS: Readonly<Record<string, Readonly<Partial<Record<AzureAccess, readonly AzureOperation[]>>>>> =
  {
    storage: {
      read: [own('Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read')],
      write: [own('Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write')],
      control: [action('Microsoft.Storage/storageAccounts/listKeys/action')],
    },
    keyvault: {
      read: [own('Microsoft.KeyVault/vaults/secrets/getSecret/action')],
      write: [own('Microsoft.KeyVault/vaults/secrets/setSecret/action')],
      control: [action('Microsoft.KeyVault/vaults/accessPolicies/write'), action('Microsoft.KeyVault/vaults/write')],
    },
    sql: {
      write: [action('Microsoft.Sql/servers/databases/delete')],
      control: [action('Microsoft.Sql/servers/write'), action('Microsoft.Sql/servers/administrators/write')],
    },
    postgresql: { control: [action('Microsoft.DBforPostgreSQL/flexibleServers/write')] },
    mysql: { control: [action('Microsoft.DBforMySQL/flexibleServers/write')] },
    cosmos: {
      read: [action('Microsoft.DocumentDB/databaseAccounts/readonlykeys/action')],
      control: [action('Microsoft.DocumentDB/databaseAccounts/listKeys/action')],
    },
    registry: {
      read: [action('Microsoft.ContainerRegistry/registries/pull/read')],
      write: [action('Microsoft.ContainerRegistry/registries/push/write')],
    },
  }
