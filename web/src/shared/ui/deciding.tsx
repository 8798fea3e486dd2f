import { lazy, Suspense, useEffect } from 'react';
import { create } from 'zustand';
import type { ApprovalView } from '@/shared/client/types';

export type Verdict = 'approve' | 'decline';
export type Deciding = { approval: ApprovalView; verdict: Verdict };
const useDeciding = create<{ deciding: Deciding | null }>(() => ({ deciding: null }));

/** Opens the question. It outlives the list that it was opened from: what is decided elsewhere leaves that list. */
export const askToDecide = (deciding: Deciding) => useDeciding.setState({ deciding });

const DecideDialog = lazy(() => import('./DecideDialog').then((m) => ({ default: m.DecideDialog })));

/** Stands once in the frame; loads the dialog with the first question. */
export function DecideHost() {
  const deciding = useDeciding((s) => s.deciding);
  useEffect(() => () => useDeciding.setState({ deciding: null }), []);
  return (
    deciding && (
      <Suspense>
        <DecideDialog
          key={`${deciding.approval.id}/${deciding.verdict}`}
          {...deciding}
          onClose={() => useDeciding.setState({ deciding: null })}
        />
      </Suspense>
    )
  );
}
