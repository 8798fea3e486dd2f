import { Button, Modal } from '@mantine/core';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { create } from 'zustand';
import css from './confirm.module.css';

type Question = {
  title: string;
  text: ReactNode;
  /** What the button does, with its target: "Isolate fin-ws-014". */
  action: string;
  destructive?: boolean;
};
type Asked = Question & { answer: (yes: boolean) => void };
const useAsked = create<{ asked: Asked | null }>(() => ({ asked: null }));

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

export function ConfirmHost() {
  const { t } = useTranslation();
  const asked = useAsked((s) => s.asked);
  const last = useRef<Asked | null>(null);
  if (asked) last.current = asked;
  const shown = asked ?? last.current;
  return (
    <Modal
      opened={asked !== null}
      onClose={() => asked?.answer(false)}
      title={shown?.title}
      size="sm"
      centered
    >
      <div className={css.text}>{shown?.text}</div>
      <div className={css.buttons}>
        <Button variant="default" onClick={() => asked?.answer(false)}>
          {t('ui.cancel')}
        </Button>
        <Button
          {...(shown?.destructive ? { color: 'red.8' } : {})}
          onClick={() => asked?.answer(true)}
          data-autofocus
        >
          {shown?.action}
        </Button>
      </div>
    </Modal>
  );
}
