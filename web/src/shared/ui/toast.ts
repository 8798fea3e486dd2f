import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { isProblem } from '@/shared/client/http';
import { describe } from './problemText';

/** Bottom centre, five seconds, and only for what the person did themselves. */
export const toast = {
  done: (message: string) =>
    notifications.show({ message, color: 'teal', autoClose: 5000, withBorder: true }),
  failed: (problem: unknown) => {
    // The way to sign-in has begun already; it says enough.
    if (isProblem(problem) && problem.is('not-signed-in')) return;
    const { title, text } = describe(problem, i18next.t);
    notifications.show({ title, message: text, color: 'red', autoClose: 8000, withBorder: true });
  },
};
