import i18next from 'i18next';
import { theme as tokens } from '@/shared/theme/theme';

/** The design tokens with the words that components need; the build reads the tokens alone. */
const close = { closeButtonProps: { 'aria-label': i18next.t('ui.close') } };
export const theme = {
  ...tokens,
  components: {
    ...tokens.components,
    Modal: { defaultProps: { ...tokens.components?.Modal?.defaultProps, ...close } },
    Notification: { defaultProps: close },
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Drawer: { defaultProps: { ...tokens.components?.Drawer?.defaultProps, ...close } },
  },
};
