import { Button, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  sortFns,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './DataTable.module.css';

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns });

export type Column<T> = {
  id: string;
  header: string;
  /** CSS grid track, such as `96px` or `minmax(200px, 1fr)`. */
  width: string;
  cell: (row: T) => ReactNode;
  /** Offers sorting by this value; only for lists that are loaded whole. */
  sort?: (row: T) => string | number;
  end?: boolean;
  /** The cell that opens the row; its content becomes the row's link. */
  main?: boolean;
};
type Props<T> = {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowId: (row: T) => string;
  selected?: string | null | undefined;
  onOpen?: (row: T) => void;
  /** Shown in place of the rows when there are none. */
  empty: ReactNode;
  more?: { has: boolean; loading: boolean; load: () => void };
  minWidth?: number;
};

/** Virtual table: J/K or arrows move, Enter opens. The next page is fetched before the end is reached. */
export function DataTable<T extends object>({
  label,
  columns,
  rows: data,
  rowId,
  selected,
  onOpen,
  empty,
  more,
  minWidth = 720,
}: Props<T>) {
  const { t } = useTranslation();
  const scroll = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);
  const defs = useMemo(() => {
    const h = createColumnHelper<typeof features, T>();
    return h.columns(
      columns.map((c) =>
        h.accessor((row: T) => c.sort?.(row) ?? '', {
          id: c.id,
          header: c.header,
          enableSorting: c.sort !== undefined,
          sortFn: (a, b) => {
            const x = c.sort?.(a.original) ?? '';
            const y = c.sort?.(b.original) ?? '';
            return typeof x === 'number' && typeof y === 'number'
              ? x - y
              : String(x).localeCompare(String(y));
          },
        }),
      ),
    );
  }, [columns]);
  const table = useTable({ features, columns: defs, data, getRowId: rowId });
  const rows = table.getRowModel().rows;
  const byId = useMemo(() => new Map(columns.map((c) => [c.id, c])), [columns]);
  const v = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => 36,
    overscan: 12,
  });
  const items = v.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (more?.has && !more.loading && lastShown >= rows.length - 8) more.load();
  }, [more, lastShown, rows.length]);

  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setAt(next);
    v.scrollToIndex(next);
  };
  const onKeyDown = (e: React.KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey || rows.length === 0) return;
    const start = at >= 0 ? at : rows.findIndex((r) => r.id === selected);
    const row = rows[at]?.original;
    if (e.key === 'j' || e.key === 'ArrowDown') move(start + 1);
    else if (e.key === 'k' || e.key === 'ArrowUp') move(start - 1);
    else if (e.key === 'Home') move(0);
    else if (e.key === 'End') move(rows.length - 1);
    else if (e.key === 'Enter' && e.target === scroll.current && row && onOpen) onOpen(row);
    else return;
    e.preventDefault();
  };
  const template = columns.map((c) => c.width).join(' ');
  return (
    <div
      ref={scroll}
      className={css.scroll}
      role="group"
      aria-label={label}
      onKeyDown={onKeyDown}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
      tabIndex={0}
    >
      <div role="table" aria-label={label} aria-rowcount={more?.has ? -1 : rows.length}>
        <div role="rowgroup" className={css.head} style={{ minWidth }}>
          {table.getHeaderGroups().map((g) => (
            <div role="row" className={css.row} style={{ gridTemplateColumns: template }} key={g.id}>
              {g.headers.map((x) => {
                const column = byId.get(x.id);
                const dir = x.column.getIsSorted();
                return (
                  <div
                    role="columnheader"
                    className={column?.end ? css.end : undefined}
                    {...(column?.sort
                      ? { 'aria-sort': dir === 'asc' ? 'ascending' : dir === 'desc' ? 'descending' : 'none' }
                      : {})}
                    key={x.id}
                  >
                    {column?.sort ? (
                      <UnstyledButton onClick={x.column.getToggleSortingHandler()} className={css.sort}>
                        {column.header}
                        {dir === 'asc' && <IconArrowUp size={12} />}
                        {dir === 'desc' && <IconArrowDown size={12} />}
                      </UnstyledButton>
                    ) : (
                      column?.header
                    )}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
        <div role="rowgroup" className={css.body} style={{ height: v.getTotalSize(), minWidth }}>
          {items.map((it) => {
            const r = rows[it.index];
            if (!r) return null;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the table takes the keys, and the main cell holds a button
              <div
                role="row"
                aria-rowindex={it.index + 1}
                className={css.row}
                data-on={r.id === selected || undefined}
                data-at={it.index === at || undefined}
                data-open={onOpen ? true : undefined}
                key={r.id}
                style={{
                  gridTemplateColumns: template,
                  position: 'absolute',
                  insetInline: 0,
                  transform: `translateY(${it.start}px)`,
                }}
                onClick={(e) => {
                  if ((e.target as Element).closest('a,button,input')) return;
                  setAt(it.index);
                  onOpen?.(r.original);
                }}
              >
                {columns.map((c) => (
                  <div role="cell" className={c.end ? css.end : undefined} key={c.id}>
                    {c.main && onOpen ? (
                      <UnstyledButton className={css.open} onClick={() => onOpen(r.original)}>
                        {c.cell(r.original)}
                      </UnstyledButton>
                    ) : (
                      c.cell(r.original)
                    )}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {rows.length === 0 && !more?.loading && empty}
      {more?.has && (
        <div className={css.more}>
          <Button variant="subtle" size="compact-xs" onClick={more.load} disabled={more.loading}>
            {more.loading ? t('ui.loadingMore') : t('ui.loadMore')}
          </Button>
        </div>
      )}
    </div>
  );
}
