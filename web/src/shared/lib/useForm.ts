import { type ChangeEvent, type FormEvent, useEffect, useRef, useState } from 'react';
import { isProblem, type Problem } from '@/shared/client/http';

type Errors<T> = { [K in keyof T & string]?: string | undefined };
type Options<T, R> = {
  initial: T;
  /** What can be said without asking the server; the server says the rest. */
  check?: (values: T) => Errors<T>;
  send: (values: T) => Promise<R>;
  done: (result: R, values: T) => void;
  /** The field that a refusal is about when the server names none, such as the only one. */
  sole?: keyof T & string;
  /** What to say at that field, where the server's words are about more than the field. */
  explain?: (problem: Problem) => string | undefined;
  /** The fields that a problem is about by its kind alone. */
  about?: (problem: Problem) => Errors<T>;
};

/** Seconds until `until` (ms), counted down; 0 when it has passed. */
function useSecondsUntil(until: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (until <= Date.now()) return;
    setNow(Date.now());
    const id = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= until) clearInterval(id);
    }, 500);
    return () => clearInterval(id);
  }, [until]);
  return Math.max(0, Math.ceil((until - now) / 1000));
}

/**
 * State of one form: refusals about a field stand at that field, all others in `problem`; a 429 keeps the form shut for as
 * long as the server asked (`wait`, in seconds).
 */
export function useForm<T extends Record<string, string>, R>({
  initial,
  check,
  send,
  done,
  sole,
  explain,
  about,
}: Options<T, R>) {
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<Errors<T>>({});
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [until, setUntil] = useState(0);
  const wait = useSecondsUntil(until);
  const form = useRef<HTMLFormElement>(null);

  const focusFirst = (found: Errors<T>) => {
    const first = Object.keys(initial).find((k) => found[k]);
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
  };
  const submit = async (given = values) => {
    if (busy || wait > 0) return;
    const found = check?.(given) ?? {};
    setErrors(found);
    setProblem(null);
    if (Object.keys(found).length > 0) {
      focusFirst(found);
      return;
    }
    setBusy(true);
    try {
      done(await send(given), given);
    } catch (e) {
      if (isProblem(e) && e.status === 429) setUntil(Date.now() + (e.retryAfter ?? 30) * 1000);
      const named: Errors<T> = isProblem(e)
        ? { ...about?.(e), ...e.fields(Object.keys(initial) as (keyof T & string)[]) }
        : {};
      if (
        sole &&
        isProblem(e) &&
        [400, 401, 422].includes(e.status) &&
        !e.is('not-signed-in') &&
        Object.keys(named).length === 0
      )
        named[sole] = explain?.(e) ?? (e.detail || e.title);
      setErrors(named);
      if (Object.keys(named).length > 0) focusFirst(named);
      else setProblem(e);
    } finally {
      setBusy(false);
    }
  };
  const set = (name: keyof T & string, value: string) => {
    setValues((v) => ({ ...v, [name]: value }));
    setErrors((e) => ({ ...e, [name]: undefined }));
  };
  return {
    values,
    set,
    /** Props of the input with this name. */
    field: (name: keyof T & string) => ({
      name,
      value: values[name] ?? '',
      error: errors[name],
      onChange: (e: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => set(name, e.currentTarget.value),
    }),
    form: {
      ref: form,
      noValidate: true,
      onSubmit: (e: FormEvent) => {
        e.preventDefault();
        void submit();
      },
    },
    submit,
    problem: wait > 0 || !(isProblem(problem) && problem.status === 429) ? problem : null,
    busy,
    wait,
  };
}
