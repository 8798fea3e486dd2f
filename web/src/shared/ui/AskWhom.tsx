import { useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { colleaguesQuery, holders } from '@/shared/client/people';
import { sessionQuery } from '@/shared/client/session';

const SHOWN = 3;
const list = new Intl.ListFormat('en', { type: 'disjunction' });

/** "Ask Ann Keller": people with one of the roles, each a link that begins a mail; nothing where nobody is known. */
export function AskWhom({ roles }: { roles: readonly string[] }) {
  const { t } = useTranslation();
  const session = useQuery({ ...sessionQuery, enabled: false }).data;
  const mayRead = session?.permissions.includes('user:read') ?? false;
  const { data } = useQuery({ ...colleaguesQuery, enabled: mayRead });
  const people = holders(data?.items ?? [], roles, session?.user?.id).slice(0, SHOWN);
  if (people.length === 0) return null;
  return (
    <>
      {t('ui.ask')}{' '}
      {list.formatToParts(people.map((p) => p.name)).map((part, i) => {
        const who = part.type === 'element' ? people.find((p) => p.name === part.value) : undefined;
        return (
          <Fragment key={i}>
            {who ? (
              <a href={`mailto:${who.email}`} title={who.email}>
                {who.name}
              </a>
            ) : (
              part.value
            )}
          </Fragment>
        );
      })}
      .
    </>
  );
}
