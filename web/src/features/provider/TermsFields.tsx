import { Checkbox, SegmentedControl, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ProviderPersonView } from '@/shared/client/types';
import dialog from '@/shared/ui/Dialog.module.css';
import css from './Provider.module.css';

type Name = 'roles' | 'whom' | 'people' | 'day';
type Fields = {
  values: Record<Name, string>;
  set: (name: Name, value: string) => void;
  error: (name: Name) => string | undefined;
};
const words = (text: string) => text.split(' ').filter(Boolean);

/** Roles, people and end of a grant; only what there is to choose from is offered. */
export function TermsFields({
  fields: { values, set, error },
  roles,
  people,
  all,
  permissions,
  lastDay,
}: {
  fields: Fields;
  roles: readonly string[];
  people: ProviderPersonView[];
  /** Whether everybody may be chosen. */
  all: boolean;
  /** What each role permits, where that is known. */
  permissions?: Record<string, string[]>;
  lastDay: string;
}) {
  const { t } = useTranslation();
  return (
    <>
      <Checkbox.Group
        label={t('provider.terms.roles')}
        error={error('roles')}
        value={words(values.roles)}
        onChange={(v) => set('roles', v.join(' '))}
      >
        <div className={css.choices}>
          {roles.map((role) => (
            <Checkbox
              key={role}
              value={role}
              label={t(`role.${role}`, role)}
              description={permissions?.[role]?.join(', ') ?? t(`provider.does.${role}`)}
            />
          ))}
        </div>
      </Checkbox.Group>
      {all && (
        <SegmentedControl
          aria-label={t('provider.terms.whom')}
          size="xs"
          value={values.whom}
          onChange={(v) => set('whom', v)}
          data={[
            { value: 'all', label: t('provider.terms.all') },
            { value: 'some', label: t('provider.terms.some') },
          ]}
        />
      )}
      {all && values.whom === 'all' ? (
        <p className={dialog.text}>{t('provider.terms.allText')}</p>
      ) : (
        <Checkbox.Group
          label={t('provider.terms.people')}
          error={error('people')}
          value={words(values.people)}
          onChange={(v) => set('people', v.join(' '))}
        >
          <div className={css.choices}>
            {people.map((p) => (
              <Checkbox
                key={p.id}
                value={p.id}
                label={
                  p.role
                    ? t('provider.terms.person', { name: p.name, role: t(`role.${p.role}`, p.role) })
                    : p.name
                }
              />
            ))}
            {people.length === 0 && <span className={css.dim}>{t('provider.terms.nobody')}</span>}
          </div>
        </Checkbox.Group>
      )}
      <TextInput
        type="date"
        name="day"
        label={t('provider.terms.until')}
        description={t('provider.terms.untilHint')}
        max={lastDay}
        value={values.day}
        error={error('day')}
        onChange={(e) => set('day', e.currentTarget.value)}
      />
    </>
  );
}
