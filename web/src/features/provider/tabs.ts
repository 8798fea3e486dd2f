export const CUSTOMERS_TABS = ['all', 'incidents', 'requests', 'people'] as const;
export type CustomersTab = (typeof CUSTOMERS_TABS)[number];
