import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useCan } from '@/shared/client/session';
import { useWords } from '../words';

const LendDialog = lazy(() => import('./LendDialog'));

/** Hands one's vote to a colleague for some days, or for one approval; and shows who holds whose vote now. */
export function LendVote({ approvalId }: { approvalId?: string }) {
  const t = useWords();
  const [open, setOpen] = useState(false);
  if (!useCan('approval:decide')) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t(approvalId ? 'asks.lendOne' : 'asks.lend')}
      </Button>
      {open && (
        <Suspense>
          <LendDialog approvalId={approvalId} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
