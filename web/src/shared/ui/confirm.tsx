import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { create } from 'zustand';

type Question = {
  title: string;
  text: ReactNode;
  /** What the button does, with its target: "Isolate fin-ws-014". */
  action: string;
  destructive?: boolean;
};
export type Asked = Question & { answer: (yes: boolean) => void };
export const useAsked = create<{ asked: Asked | null }>(() => ({ asked: null }));

/** Asks once before something that cannot be taken back; resolves to what the person chose. */
export function confirm(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    useAsked.getState().asked?.answer(false);
    useAsked.setState({
      asked: {
        ...question,
        answer: (yes) => {
          useAsked.setState({ asked: null });
          resolve(yes);
        },
      },
    });
  });
}

const ConfirmDialog = lazy(() => import('./ConfirmDialog').then((m) => ({ default: m.ConfirmDialog })));

/** Stands once in the page; loads the dialog with the first question. */
export function ConfirmHost() {
  const asking = useAsked((s) => s.asked !== null);
  const [used, setUsed] = useState(false);
  useEffect(() => {
    if (asking) setUsed(true);
  }, [asking]);
  return (
    (used || asking) && (
      <Suspense>
        <ConfirmDialog />
      </Suspense>
    )
  );
}
