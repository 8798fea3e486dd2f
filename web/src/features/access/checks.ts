type Translate = (key: string) => string;

/** What is plainly missing; the rules about passwords and addresses are the server's. */
export function missing<T extends Record<string, string>>(
  values: T,
  t: Translate,
): Partial<Record<keyof T, string>> {
  const out: Partial<Record<keyof T, string>> = {};
  for (const [name, value] of Object.entries(values))
    if (value.trim() === '') out[name as keyof T] = t(`access.missing.${name}`);
  return out;
}

/** Six digits, however they were typed or pasted. */
export const digits = (text: string) => text.replace(/\D/g, '').slice(0, 6);

/** A path of this product out of an answer; the server has seen to it that it is one. */
export const safePath = (next: string | null | undefined): string | undefined =>
  next && /^\/(?![/\\])/.test(next) ? next : undefined;
