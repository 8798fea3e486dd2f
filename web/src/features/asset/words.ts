import { useTranslation } from 'react-i18next';

/** The words of this feature's own catalogue. */
export const useWords = () => useTranslation(undefined, { keyPrefix: 'asset' }).t;
