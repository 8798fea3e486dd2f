import i18next from 'i18next';
import { startI18n, type Words } from '@/shared/i18n';

const catalogues = import.meta.glob<Words>('../features/*/en.json', { import: 'default' });
startI18n();

/** A page together with the words of its feature: neither is of use without the other. */
export async function worded<Page>(feature: string, page: Promise<Page>): Promise<Page> {
  const words = i18next.exists(feature, { returnObjects: true })
    ? undefined
    : catalogues[`../features/${feature}/en.json`]?.();
  const [module, catalogue] = await Promise.all([page, words]);
  if (catalogue) i18next.addResourceBundle('en', 'translation', { [feature]: catalogue }, true, true);
  return module;
}
