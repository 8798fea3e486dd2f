import { Button } from '@mantine/core';
import { IconMailOff, IconMailOpened } from '@tabler/icons-react';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { http, isProblem } from '@/shared/client/http';
import { age, dateTime } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/useNow';
import { usePageTitle } from '@/shared/lib/usePageTitle';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { localPath } from './link';
import css from './Mailbox.module.css';

const mailboxQuery = queryOptions({
  queryKey: ['mailbox'],
  queryFn: ({ signal }) => http.get('/developer/mailbox', { query: { limit: 200 }, signal }),
  refetchInterval: 3000,
});

/** The messages that would have been sent, for trying the product without a mail server; readable without signing in. */
export function MailboxPage() {
  const { t } = useTranslation();
  usePageTitle(t('developer.mailbox'));
  const now = useNow(15_000);
  const { data, error, errorUpdatedAt, refetch } = useQuery(mailboxQuery);
  const [openId, setOpenId] = useState<string | null>(null);
  const mails = data?.items ?? [];
  const open = mails.find((m) => m.id === openId) ?? mails[0];
  const off = isProblem(error) && error.status === 404;
  return (
    <main className={css.page}>
      <header className={css.bar}>
        <h1>{t('developer.mailbox')}</h1>
        <span>{t('developer.hint')}</span>
        <Button component={Link} to="/" variant="default" className={css.back}>
          {t('developer.back')}
        </Button>
      </header>
      {off && (
        <EmptyState
          icon={<IconMailOff size={22} stroke={1.5} />}
          title={t('developer.off')}
          text={t('developer.offText')}
        />
      )}
      {error && !off && (
        <ProblemNotice problem={error} since={errorUpdatedAt} onRetry={() => void refetch()} page={!data} />
      )}
      {!data && !error && <Loading />}
      {data && mails.length === 0 && (
        <EmptyState
          icon={<IconMailOpened size={22} stroke={1.5} />}
          title={t('developer.none')}
          text={t('developer.noneText')}
        />
      )}
      {open && (
        <div className={css.body}>
          <ul className={css.list} aria-label={t('developer.messages')}>
            {mails.map((m) => (
              <li key={m.id}>
                <button
                  type="button"
                  aria-current={m.id === open.id || undefined}
                  onClick={() => setOpenId(m.id)}
                >
                  <b>{m.subject}</b>
                  <small>{m.to}</small>
                  <time className="num" dateTime={m.sentAt}>
                    {age(m.sentAt, now)}
                  </time>
                </button>
              </li>
            ))}
          </ul>
          <article className={css.mail} aria-label={open.subject}>
            <h2>{open.subject}</h2>
            <p className={css.meta}>
              {t('developer.to', { to: open.to })} · {dateTime(open.sentAt)}
            </p>
            <pre>{open.text}</pre>
            {open.links.length > 0 && (
              <div className={css.links}>
                {open.links.map((l) => (
                  <MailLink key={l} link={l} />
                ))}
              </div>
            )}
          </article>
        </div>
      )}
    </main>
  );
}

/** A link into this product opens here; any other is shown as text, since a message may say anything. */
function MailLink({ link }: { link: string }) {
  const { t } = useTranslation();
  const path = localPath(link, location.origin);
  if (path === null) return <code>{link}</code>;
  return (
    <Button component="a" href={path}>
      {t('developer.open', { path: path.split('?')[0] })}
    </Button>
  );
}
