import { startI18n } from '@/shared/i18n';

type Catalogue = Parameters<typeof startI18n>[0][string];
const files = import.meta.glob<Catalogue>('../features/*/en.json', { eager: true, import: 'default' });

startI18n(
  Object.fromEntries(Object.entries(files).map(([path, words]) => [path.split('/').at(-2) as string, words])),
);
