import type { ReactNode } from 'react';
import { Panel } from '@/shared/ui/Panel';
import css from './Overall.module.css';

/** A row of figures for each thing; on a telephone a block of named figures. */
export function FigureTable({
  title,
  head,
  rows,
  none,
  words = 0,
}: {
  title: string;
  head: readonly string[];
  rows: readonly { key: string; first: ReactNode; rest: readonly ReactNode[] }[];
  none?: string;
  /** How many columns behind the first are words; the others are figures. */
  words?: number;
}) {
  return (
    <Panel title={title} flush={rows.length > 0}>
      {rows.length === 0 ? (
        <p className={css.text}>{none}</p>
      ) : (
        <div className={css.scroll}>
          <table className={css.table}>
            <thead>
              <tr>
                {head.map((h, i) => (
                  <th key={h} data-figure={i > words || undefined}>
                    {h}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((r) => (
                <tr key={r.key}>
                  <td>{r.first}</td>
                  {r.rest.map((cell, i) => (
                    <td
                      key={head[i + 1]}
                      className="num"
                      data-label={head[i + 1]}
                      data-figure={i >= words || undefined}
                    >
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
