import { Button, NumberInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { isProblem } from '@/shared/client/http';
import { useCan } from '@/shared/client/session';
import type { TenantRunLimit } from '@/shared/client/types';
import { number } from '@/shared/lib/format';
import { ProblemNotice } from '@/shared/ui/ProblemNotice';
import { toast } from '@/shared/ui/toast';
import { useWords } from '../words';
import { companyLimitQuery, setCompanyLimit } from './api';
import css from './Company.module.css';

const MOST = 1_000_000;

/** How many runs of all workflows together may be live at once; nothing in the field is no limit. */
export function CompanyLimit({ limit }: { limit: TenantRunLimit }) {
  const t = useWords();
  const mayChange = useCan('settings:manage');
  const queries = useQueryClient();
  const [text, setText] = useState<string | number>(limit.most ?? '');
  const most = text === '' ? null : Number(text);
  const wrong = most !== null && !(Number.isInteger(most) && most >= 1 && most <= MOST);
  const save = useMutation({
    mutationFn: () => setCompanyLimit(most),
    onSuccess: (now) => {
      queries.setQueryData(companyLimitQuery.queryKey, now);
      toast.done(
        now.most === null ? t('company.unlimited') : t('company.limited', { most: number(now.most) }),
      );
    },
  });
  const told = isProblem(save.error) ? save.error.field('most') : undefined;
  return (
    <form
      className={css.limit}
      onSubmit={(e) => {
        e.preventDefault();
        if (!wrong) save.mutate();
      }}
    >
      <p className={css.text}>{t('company.text')}</p>
      <NumberInput
        label={t('limits.most')}
        placeholder={t('limits.none')}
        value={text}
        onChange={(v) => {
          setText(v);
          save.reset();
        }}
        clampBehavior="none"
        thousandSeparator=","
        error={wrong ? t('company.wrong', { most: number(MOST) }) : told}
        disabled={!mayChange}
        hideControls
      />
      {!wrong && most !== null && most < limit.live && (
        <p className={css.text}>{t('company.below', { live: number(limit.live) })}</p>
      )}
      {save.isError && !told && <ProblemNotice problem={save.error} />}
      {mayChange ? (
        <div className={css.save}>
          <Button
            type="submit"
            variant="default"
            disabled={wrong || most === limit.most}
            loading={save.isPending}
          >
            {t('company.save')}
          </Button>
        </div>
      ) : (
        <p className={css.text}>{t('company.admins')}</p>
      )}
    </form>
  );
}
