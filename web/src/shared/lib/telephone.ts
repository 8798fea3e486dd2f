/** As wide as a telephone held upright: the widest at which style sheets let one thing cover another whole. */
export const onTelephone = () => window.matchMedia('(max-width: 520px)').matches;
