import { Button, Select, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FilterText } from '@/shared/ui/FilterText';
import layout from '@/shared/ui/ListDetail.module.css';
import type { Filters } from './api';
import { CLASSES } from './classes';
import css from './Events.module.css';
import { RANGES, rangeOf, toField } from './range';
import { useWords } from './words';

export function EventFilters({
  filters,
  onChange,
  onClear,
  children,
}: {
  filters: Filters;
  onChange: (change: Filters) => void;
  onClear: () => void;
  children: ReactNode;
}) {
  const t = useWords();
  const shared = useTranslation().t;
  const range = rangeOf(filters.range);
  const classes = CLASSES.map((c) => ({ value: String(c.uid), label: `${c.name} (${c.uid})` }));
  if (filters.class && !classes.some((c) => c.value === filters.class))
    classes.push({ value: filters.class, label: filters.class });
  const set = Object.keys(filters).some((k) => k !== 'event');
  const day = (key: 'from' | 'to') => (
    <TextInput
      type="datetime-local"
      aria-label={t(key)}
      className={css.day}
      value={toField(filters[key])}
      onChange={(e) => {
        const at = e.currentTarget.value;
        onChange({ [key]: at ? new Date(at).toISOString() : '' });
      }}
    />
  );
  return (
    <header className={layout.bar}>
      <h1>{t('title')}</h1>
      <FilterText
        label={t('search')}
        value={filters.q ?? ''}
        onChange={(q) => onChange({ q })}
        className={css.search}
      />
      <Select
        aria-label={t('range')}
        value={range}
        allowDeselect={false}
        className={css.range}
        data={RANGES.map((r) => ({ value: r, label: t(`rangeOf.${r}`) }))}
        onChange={(v) => onChange({ range: v === 'all' || v === null ? '' : v, from: '', to: '' })}
      />
      {range === 'custom' && (
        <>
          {day('from')}
          {day('to')}
        </>
      )}
      <Select
        aria-label={t('class')}
        placeholder={t('anyClass')}
        value={filters.class ?? null}
        clearable
        searchable
        className={css.class}
        data={classes}
        onChange={(v) => onChange({ class: v ?? '' })}
      />
      <FilterText
        label={t('host')}
        value={filters.host ?? ''}
        onChange={(host) => onChange({ host })}
        className={css.host}
        icon={false}
      />
      {set && (
        <Button variant="subtle" onClick={onClear}>
          {shared('ui.clearFilter')}
        </Button>
      )}
      <span className={layout.space} />
      {children}
    </header>
  );
}
