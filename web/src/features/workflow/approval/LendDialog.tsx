import { Button, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { http } from '@/shared/client/http';
import { colleaguesQuery, grantsQuery, holders } from '@/shared/client/people';
import { useSession } from '@/shared/client/session';
import { dateTime } from '@/shared/lib/format';
import { useForm } from '@/shared/lib/useForm';
import dialog from '@/shared/ui/Dialog.module.css';
import { Loading } from '@/shared/ui/Loading';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { Status } from '@/shared/ui/Status';
import { toast } from '@/shared/ui/toast';
import { useWords } from '../words';
import css from './Approval.module.css';

const delegationsQuery = queryOptions({
  queryKey: ['approvals', 'delegations'],
  queryFn: ({ signal }) => http.get('/approval-delegations', { signal }),
});

/** Lends a vote, and shows who holds whose vote now. */
export default function LendDialog({
  approvalId,
  onClose,
}: {
  approvalId: string | undefined;
  onClose: () => void;
}) {
  const t = useWords();
  const own = useSession().user?.id;
  const queries = useQueryClient();
  const { data: colleagues } = useQuery(colleaguesQuery);
  const { data: grants } = useQuery(grantsQuery('approval:decide'));
  const people = holders(colleagues?.items ?? [], grants?.grantedBy ?? [], own);
  const refresh = () => void queries.invalidateQueries({ queryKey: ['approvals'] });
  const f = useForm({
    initial: { to: '', days: '7', reason: '' },
    check: (v) => ({
      ...(v.to ? {} : { to: t('asks.lendToMissing') }),
      ...(Number(v.days) >= 1 && Number(v.days) <= 90 ? {} : { days: t('asks.lendDaysWrong') }),
      ...(v.reason.trim() ? {} : { reason: t('asks.lendReasonMissing') }),
    }),
    send: (v) =>
      http.post('/approval-delegations', {
        to: v.to,
        endsAt: new Date(Date.now() + Number(v.days) * 86_400_000).toISOString(),
        reason: v.reason.trim(),
        ...(approvalId ? { approvalId } : {}),
      }),
    done: (lent) => {
      toast.done(t('asks.lent', { name: lent.holder.name }));
      refresh();
    },
  });
  const { onChange: _onChange, ...to } = f.field('to');
  return (
    <Modal opened onClose={onClose} title={t(approvalId ? 'asks.lendOne' : 'asks.lend')} centered>
      <form className={dialog.form} {...f.form}>
        {f.problem !== null && <ProblemNotice problem={f.problem} />}
        <p className={dialog.text}>{t('asks.lendText')}</p>
        <Select
          label={t('asks.lendTo')}
          data={people.map((p) => ({ value: p.id, label: `${p.name} (${p.email})` }))}
          searchable
          {...to}
          value={f.values.to || null}
          onChange={(v) => f.set('to', v ?? '')}
        />
        <TextInput label={t('asks.lendDays')} inputMode="numeric" {...f.field('days')} />
        <Textarea label={t('asks.lendReason')} autosize minRows={2} {...f.field('reason')} />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={onClose}>
            {t('asks.close')}
          </Button>
          <Button type="submit" loading={f.busy}>
            {t('asks.lendButton')}
          </Button>
        </div>
      </form>
      <Lent own={own} onChanged={refresh} />
    </Modal>
  );
}

function Lent({ own, onChanged }: { own: string | undefined; onChanged: () => void }) {
  const t = useWords();
  const query = useQuery(delegationsQuery);
  if (query.isError) return <ProblemNotice problem={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  const inForce = query.data.items.filter((d) => d.state !== 'over');
  if (inForce.length === 0) return null;
  const end = async (id: string) => {
    try {
      await http.delete(`/approval-delegations/${id}`);
    } catch (e) {
      toast.failed(e);
    }
    onChanged();
  };
  return (
    <section aria-label={t('asks.lentNow')}>
      <h3>{t('asks.lentNow')}</h3>
      <ul className={css.lent}>
        {inForce.map((d) => (
          <li key={d.id}>
            <Status value={d.state} />
            {d.lender.id === own
              ? t('asks.lentTo', { name: d.holder.name, until: dateTime(d.endsAt) })
              : t('asks.lentBy', { name: d.lender.name, until: dateTime(d.endsAt) })}
            <Button variant="default" size="compact-xs" onClick={() => void end(d.id)}>
              {t('asks.lendEnd')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
