import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { Problem } from '@/shared/client/http';
import { useForm } from './useForm';

afterEach(cleanup);

function Form({ send, sole }: { send: () => Promise<string>; sole?: 'email' }) {
  const f = useForm({
    initial: { email: 'a@b.c' },
    check: (v) => (v.email ? {} : { email: 'enter it' }),
    send,
    done: () => {},
    ...(sole ? { sole } : {}),
  });
  const { error, ...input } = f.field('email');
  return (
    <form {...f.form}>
      <input {...input} />
      <output data-testid="error">{error}</output>
      <output data-testid="problem">{f.problem instanceof Problem ? f.problem.detail : ''}</output>
      <output data-testid="wait">{f.wait}</output>
      <button type="submit">go</button>
    </form>
  );
}
const text = (id: string) => screen.getByTestId(id).textContent;
const go = () => act(async () => screen.getByText('go').click());

test('a refusal about a field stands at the field and takes the focus there', async () => {
  const refusal = new Problem(422, { errors: [{ pointer: '#/email', detail: 'is taken' }], detail: 'No.' });
  render(<Form send={() => Promise.reject(refusal)} />);
  await go();
  await waitFor(() => expect(text('error')).toBe('is taken'));
  expect(text('problem')).toBe('');
  expect(document.activeElement?.getAttribute('name')).toBe('email');
});

test('a refusal about the whole stands above; with a sole field it stands there', async () => {
  const refusal = new Problem(401, { detail: 'Wrong.' });
  const { unmount } = render(<Form send={() => Promise.reject(refusal)} />);
  await go();
  expect([text('error'), text('problem')]).toEqual(['', 'Wrong.']);
  unmount();
  render(<Form send={() => Promise.reject(refusal)} sole="email" />);
  await go();
  expect([text('error'), text('problem')]).toEqual(['Wrong.', '']);
});

test('a limit shuts the form for as long as the server said', async () => {
  let sent = 0;
  const refusal = new Problem(429, { detail: 'Slow down.' }, 40);
  render(
    <Form
      send={() => {
        sent++;
        return Promise.reject(refusal);
      }}
    />,
  );
  await go();
  expect(Number(text('wait'))).toBeGreaterThan(38);
  await go();
  expect(sent).toBe(1);
});
