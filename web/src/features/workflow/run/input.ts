import type { Definition } from '@/shared/client/types';

/** A run's input as typed: a JSON object, or null when the text is none. Nothing typed is an empty one. */
export function parseInput(text: string): Record<string, unknown> | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** The form of the trigger that people start in a drawing; null where it has none and any JSON object will do. */
export function formOf(drawing: Definition | null): Record<string, unknown> | null {
  const text = drawing?.nodes.find((n) => n.type === 'manual')?.config.schema;
  const schema = typeof text === 'string' ? parseInput(text) : null;
  return schema && Object.keys(schema).length > 0 ? schema : null;
}
