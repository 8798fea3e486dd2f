import { Button, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useCan, useSession } from '@/shared/client/session';
import type { IncidentDetail, IncidentState, Severity } from '@/shared/client/types';
import { SEVERITIES } from '@/shared/lib/severity';
import { toast } from '@/shared/ui/toast';
import { type Change, changeIncident, incidentQuery, STATES, usersQuery } from './api';
import css from './IncidentPanel.module.css';
import { useWords } from './words';

const NOBODY = 'nobody';

/** State, severity and owner; each is changed by itself and at once. */
export function Handling({ incident, readOnly }: { incident: IncidentDetail; readOnly: boolean }) {
  const t = useWords();
  const shared = useTranslation().t;
  const queries = useQueryClient();
  const me = useSession().user;
  const users = useQuery({ ...usersQuery, enabled: useCan('user:read') && !readOnly });
  const change = useMutation({
    mutationFn: (what: Change) => changeIncident(incident.id, what),
    onSuccess: (next) => {
      queries.setQueryData(incidentQuery(incident.id).queryKey, next);
      void queries.invalidateQueries({ queryKey: ['incidents', 'list'] });
    },
    onError: toast.failed,
  });
  const owners = new Map<string, string>();
  if (me) owners.set(me.id, me.name);
  if (incident.owner) owners.set(incident.owner.id, incident.owner.name);
  for (const u of users.data?.items ?? []) if (u.state === 'active') owners.set(u.id, u.name);
  return (
    <div className={css.handling}>
      <Select
        label={t('state')}
        value={incident.state}
        allowDeselect={false}
        disabled={readOnly || change.isPending}
        data={STATES.map((s) => ({ value: s, label: shared(`status.${s}`) }))}
        onChange={(v) => {
          if (v && v !== incident.state) change.mutate({ state: v as IncidentState });
        }}
      />
      <Select
        label={t('severity')}
        value={incident.severity}
        allowDeselect={false}
        disabled={readOnly || change.isPending}
        data={SEVERITIES.map((s) => ({ value: s, label: shared(`severity.${s}`) }))}
        onChange={(v) => {
          if (v && v !== incident.severity) change.mutate({ severity: v as Severity });
        }}
      />
      <Select
        label={t('owner')}
        value={incident.owner?.id ?? NOBODY}
        allowDeselect={false}
        disabled={readOnly || change.isPending}
        data={[
          { value: NOBODY, label: t('unassigned') },
          ...[...owners].map(([value, label]) => ({ value, label })),
        ]}
        onChange={(v) => {
          const ownerId = v === NOBODY ? null : v;
          if (ownerId !== (incident.owner?.id ?? null)) change.mutate({ ownerId });
        }}
      />
      {me && !readOnly && incident.owner?.id !== me.id && (
        <Button
          variant="default"
          disabled={change.isPending}
          onClick={() => change.mutate({ ownerId: me.id })}
        >
          {t('take')}
        </Button>
      )}
    </div>
  );
}
