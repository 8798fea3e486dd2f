import { queryOptions } from '@tanstack/react-query';
import { inCustomer } from '@/shared/client/customer';
import { http } from '@/shared/client/http';

export const keysQuery = queryOptions({
  queryKey: ['workflow-bundle-keys'],
  queryFn: ({ signal }) => http.get('/workflow-bundle-keys', { signal }),
});
export const trustKey = (key: string, name: string) => http.post('/workflow-bundle-keys', { key, name });
export const distrustKey = (id: string) => http.delete(`/workflow-bundle-keys/${id}`);
export const lookAtBundle = (text: string) => http.post('/workflow-bundles/dry-run', { text });

export type Choice = { source: string; action: 'create' | 'replace'; revision: number | null };
export const importBundle = (
  text: string,
  choices: Choice[],
  acceptedBecause: string | null,
  older: boolean,
) => http.post('/workflow-bundles', { text, choices, acceptedBecause, older });
export const exportPath = (workflows: readonly string[]) =>
  inCustomer(`/api/v1/workflow-bundle?${workflows.map((id) => `workflow=${id}`).join('&')}`);
