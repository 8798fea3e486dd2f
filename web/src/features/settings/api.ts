import { queryOptions } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import { listQuery } from '@/shared/client/query';
import type { BrandRequest, Permission, ProviderRequest, SourceKind } from '@/shared/client/types';

export const sourcesQuery = listQuery(['sources'], '/sources');
export const createSource = (v: { name: string; kind: Exclude<SourceKind, 'upload'> }) =>
  http.post('/sources', v);
export const rotateToken = (id: string) => http.post(`/sources/${id}/token`);
export const revokeSource = (id: string) => http.delete(`/sources/${id}`);

export const usersQuery = listQuery(['users'], '/users');
export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: ({ signal }) => http.get('/roles', { signal }),
});
export const putRole = (
  name: string,
  v: { permissions: Permission[]; conditions: string; revision?: number },
) => http.put(`/roles/${name}`, v);
export const deleteRole = (name: string) => http.delete(`/roles/${name}`);
export const policiesQuery = queryOptions({
  queryKey: ['policies'],
  queryFn: ({ signal }) => http.get('/policies', { signal }),
});
export const putPolicies = (policies: string, version: number) =>
  http.put('/policies', { policies }, { headers: { 'If-Match': `"${version}"` } });
export const whatIf = (v: { action?: string; policies?: string }) => http.post('/policies/what-if', v);
/** `roleUntil`: when the role ends; one given without it does not. */
type Given = { role: string; roleUntil?: string };
export const invite = (v: { email: string } & Given) => http.post('/invitations', v);
export const changeUser = (id: string, v: (Given & { clearance?: number }) | { disabled: boolean }) =>
  http.patch(`/users/${id}`, v);
export const factorResetsQuery = queryOptions({
  queryKey: ['users', 'factor-resets'],
  queryFn: ({ signal }) => http.get('/factor-resets', { signal }),
});
export const askFactorReset = (id: string, v: { code?: string }) => http.post(`/users/${id}/factor-reset`, v);
export const agreeFactorReset = (id: string, v: { code?: string }) =>
  http.post(`/users/${id}/factor-reset/agreement`, v);
export const stopFactorReset = (id: string) => http.delete(`/users/${id}/factor-reset`);
export const factorResetDelayQuery = queryOptions({
  queryKey: ['factor-reset-delay'],
  queryFn: ({ signal }) => http.get('/settings/factor-resets', { signal }),
});
export const setFactorResetDelay = (v: { day: boolean; code?: string }) =>
  http.put('/settings/factor-resets', v);
export const signOutUser = (id: string) => http.post(`/users/${id}/sign-out`);

export const secretsQuery = listQuery(['secrets'], '/secrets');
export const putSecret = (name: string, value: string) => http.put(`/secrets/${name}`, { value });
export const deleteSecret = (name: string) => http.delete(`/secrets/${name}`);

export const endpointsQuery = listQuery(['simulator', 'endpoints'], '/simulator/endpoints');

type NewKey = { name: string; scopes: Permission[]; networks: string[]; days: number; code?: string };
export const ownKeysQuery = listQuery(['api-keys', 'own'], '/account/api-keys');
export const allKeysQuery = listQuery(['api-keys', 'all'], '/api-keys');
export const makeOwnKey = (v: NewKey) => http.post('/account/api-keys', v);
export const makeKeyOf = (service: string, v: NewKey) =>
  http.post(`/service-accounts/${service}/api-keys`, v);
export const revokeOwnKey = (id: string) => http.delete(`/account/api-keys/${id}`);
export const revokeKey = (id: string) => http.delete(`/api-keys/${id}`);

export const applicationsQuery = listQuery(['oauth-clients'], '/oauth-clients');
export const registerApplication = (v: {
  name: string;
  serviceAccount?: string;
  redirectUris?: string[];
  scopes: Permission[];
  code?: string;
}) => http.post('/oauth-clients', v);
export const renewSecret = (id: string, v: { code?: string }) => http.post(`/oauth-clients/${id}/secret`, v);
export const revokeApplication = (id: string) => http.delete(`/oauth-clients/${id}`);

export const servicesQuery = queryOptions({
  queryKey: ['service-accounts'],
  queryFn: ({ signal }) => http.get('/service-accounts', { signal }),
});
export const addService = (v: { name: string; description: string; role: string }) =>
  http.post('/service-accounts', v);
export const changeService = (id: string, v: { role?: string; disabled?: boolean }) =>
  http.patch(`/service-accounts/${id}`, v);

export const sessionBoundsQuery = queryOptions({
  queryKey: ['session-bounds'],
  queryFn: ({ signal }) => http.get('/settings/sessions', { signal }),
});
export const lookoutQuery = queryOptions({
  queryKey: ['lookout'],
  queryFn: ({ signal }) => http.get('/lookout', { signal }),
});
export const setSessionBounds = (v: { idleMinutes: number; absoluteMinutes: number }) =>
  http.put('/settings/sessions', v);

/** Asked again while values are sealed anew. */
export const companyKeyQuery = queryOptions({
  queryKey: ['company-key'],
  queryFn: ({ signal }) => http.get('/company/key', { signal }),
  refetchInterval: (query) => (query.state.data && query.state.data.left > 0 ? 2_000 : false),
});
export const rotateCompanyKey = (v: { code?: string }) => http.post('/company/key/rotation', v);

/** Asked again while an export is under way. */
export const custodyQuery = queryOptions({
  queryKey: ['custody'],
  queryFn: ({ signal }) => http.get('/company/custody', { signal }),
  refetchInterval: (query) =>
    query.state.data?.exports.some((e) => e.state === 'asked' || e.state === 'under-way') ? 2_000 : false,
});
export const askExport = (v: { code?: string }) => http.post('/company/exports', v);
/** The browser fetches it by itself, however large it is. */
export function fetchExport(id: string) {
  const href = `/api/v1/company/exports/${id}/file`;
  Object.assign(document.createElement('a'), { href, download: '' }).click();
}
type Reasoned = { reason: string; code?: string };
export const setHold = (v: Reasoned) => http.post('/company/holds', v);
export const liftHold = (id: string, v: Reasoned) => http.post(`/company/holds/${id}/lift`, v);
export const deleteCompany = (v: { name: string } & Reasoned) => http.post('/company/deletion', v);

export const invoicesQuery = listQuery(['invoices'], '/billing/invoices');
export const changePlan = (plan: string) => http.put('/billing/plan', { plan });
export const provisioningQuery = queryOptions({
  queryKey: ['provisioning'],
  queryFn: ({ signal }) => http.get('/provisioning', { signal }),
});
export const makeDirectoryKey = (v: Omit<NewKey, 'scopes'>) => http.post('/provisioning/keys', v);
export const tieRole = (group: string, v: { role?: string; code?: string }) =>
  http.put(`/provisioning/groups/${group}/role`, v);

export const identityProviderQuery = queryOptions({
  queryKey: ['identity-provider'],
  queryFn: ({ signal }) => http.get('/identity-provider', { signal }),
});
export const setProvider = (v: ProviderRequest) => http.put('/identity-provider', v);
export const removeProvider = (v: { code?: string }) => http.post('/identity-provider/removal', v);
export const testProvider = (v: { issuer: string; clientId: string; secret?: string }) =>
  http.post('/identity-provider/test', v);
export const addDomain = (v: { domain: string; code?: string }) => http.post('/identity-provider/domains', v);
export const proveDomain = (domain: string) => http.post(`/identity-provider/domains/${domain}/proof`);
export const removeDomain = (domain: string, v: { code?: string }) =>
  http.post(`/identity-provider/domains/${domain}/removal`, v);

export const brandingQuery = queryOptions({
  queryKey: ['branding'],
  queryFn: ({ signal }) => http.get('/branding', { signal }),
});
export const setBranding = (v: BrandRequest) => http.put('/branding', v);
export const removeBranding = () => http.delete('/branding');
export const coloursQuery = (light: string, dark: string) =>
  queryOptions({
    queryKey: ['branding', 'colours', light, dark],
    queryFn: () => http.post('/branding/colours', { light, dark }),
    staleTime: Number.POSITIVE_INFINITY,
  });
export const setLogo = (file: File) => http.upload('/branding/logo', file);
export const removeLogo = () => http.delete('/branding/logo');
export const chooseProviderLabel = (provider: string) => http.put('/branding/provider-label', { provider });
export const leaveProviderLabel = () => http.delete('/branding/provider-label');
export const addHost = (v: { host: string; code?: string }) => http.post('/branding/hosts', v);
export const proveHost = (host: string) => http.post(`/branding/hosts/${host}/proof`);
export const removeHost = (host: string, v: { code?: string }) =>
  http.post(`/branding/hosts/${host}/removal`, v);
