import type { AzurePermission } from '../../../cluster/cloud/azure-exports.ts'

function role(actions: readonly string[], more: Partial<AzurePermission> = {}): readonly AzurePermission[] {
  return [{ actions, notActions: [], dataActions: [], notDataActions: [], ...more }]
}

const data = (...dataActions: readonly string[]): readonly AzurePermission[] => role([], { dataActions })

const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/'
const CLUSTERS = 'Microsoft.ContainerService/managedClusters/'

/**
 * Built-in roles that clusters meet, with what of them is asked (Azure built-in roles). An export of `az role definition
 * list` goes first.
 */
export const BUILT_IN: ReadonlyMap<string, readonly AzurePermission[]> = new Map([
  ['owner', role(['*'])],
  [
    'contributor',
    role(['*'], {
      notActions: [
        'Microsoft.Authorization/*/Delete',
        'Microsoft.Authorization/*/Write',
        'Microsoft.Authorization/elevateAccess/Action',
      ],
    }),
  ],
  ['reader', role(['*/read'])],
  ['user access administrator', role(['*/read', 'Microsoft.Authorization/*'])],
  ['role based access control administrator', role(['*/read', 'Microsoft.Authorization/roleAssignments/*'])],
  [
    'managed identity operator',
    role([
      'Microsoft.ManagedIdentity/userAssignedIdentities/*/read',
      'Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action',
    ]),
  ],
  [
    'managed identity contributor',
    role([
      'Microsoft.ManagedIdentity/userAssignedIdentities/read',
      'Microsoft.ManagedIdentity/userAssignedIdentities/write',
      'Microsoft.ManagedIdentity/userAssignedIdentities/delete',
      'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/*',
    ]),
  ],
  [
    'virtual machine contributor',
    role(['Microsoft.Compute/virtualMachines/*', 'Microsoft.Compute/virtualMachineScaleSets/*']),
  ],
  ['network contributor', role(['Microsoft.Network/*'])],
  [
    'azure kubernetes service cluster admin role',
    role([`${CLUSTERS}listClusterAdminCredential/action`, `${CLUSTERS}read`]),
  ],
  [
    'azure kubernetes service cluster user role',
    role([`${CLUSTERS}listClusterUserCredential/action`, `${CLUSTERS}read`]),
  ],
  ['azure kubernetes service contributor role', role([`${CLUSTERS}*`])],
  [
    'azure kubernetes service rbac cluster admin',
    role([`${CLUSTERS}listClusterUserCredential/action`], { dataActions: [`${CLUSTERS}*`] }),
  ],
  ['azure kubernetes service rbac admin', role([`${CLUSTERS}listClusterUserCredential/action`])],
  ['azure kubernetes service rbac writer', role([])],
  ['azure kubernetes service rbac reader', role([])],
  ['storage blob data owner', data(`${BLOBS}*`)],
  ['storage blob data contributor', data(`${BLOBS}blobs/read`, `${BLOBS}blobs/write`, `${BLOBS}blobs/delete`)],
  ['storage blob data reader', data(`${BLOBS}blobs/read`)],
  ['storage account contributor', role(['Microsoft.Storage/storageAccounts/*'])],
  ['key vault administrator', data('Microsoft.KeyVault/vaults/*')],
  ['key vault secrets officer', data('Microsoft.KeyVault/vaults/secrets/*')],
  ['key vault secrets user', data('Microsoft.KeyVault/vaults/secrets/getSecret/action')],
  ['key vault contributor', role(['Microsoft.KeyVault/*'])],
  ['key vault reader', data('Microsoft.KeyVault/vaults/*/read')],
  ['acrpull', role(['Microsoft.ContainerRegistry/registries/pull/read'])],
  [
    'acrpush',
    role(['Microsoft.ContainerRegistry/registries/pull/read', 'Microsoft.ContainerRegistry/registries/push/write']),
  ],
])
