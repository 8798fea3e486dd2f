import { isProblem } from '@/shared/client/http';
import { duration } from '@/shared/lib/format';

type Translate = (key: string, values?: Record<string, unknown>) => string;

/** A problem in two sentences for people: what it is, and what to do. The server's own words come first. */
export function describe(problem: unknown, t: Translate): { title: string; text: string } {
  if (!isProblem(problem))
    return { title: t('ui.failed'), text: problem instanceof Error ? problem.message : '' };
  if (problem.status === 0) return { title: t('ui.unreachable'), text: t('ui.unreachableText') };
  if (problem.status === 429) {
    const wait =
      problem.retryAfter === undefined ? '' : t('ui.waitFor', { time: duration(problem.retryAfter * 1000) });
    return { title: problem.title || t('ui.tooMany'), text: wait || problem.detail };
  }
  if (problem.status === 404)
    return { title: problem.title || t('ui.notFound'), text: problem.detail || t('ui.notFoundText') };
  const text = [problem.detail, ...problem.errors.map((e) => `${e.pointer} ${e.detail}`)]
    .filter(Boolean)
    .join(' ');
  if (problem.status >= 500)
    return { title: problem.title || t('ui.failed'), text: text || t('ui.serverFault') };
  return { title: problem.title || t('ui.failed'), text };
}
