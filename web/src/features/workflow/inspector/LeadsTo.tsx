import { ActionIcon, Select } from '@mantine/core';
import { IconArrowRight, IconX } from '@tabler/icons-react';
import { allPortsOf, type Catalogue, type FlowNode, type Graph, refusal } from '../graph';
import { useWords } from '../words';
import css from './Inspector.module.css';

/** Connections of a node as a list: the way to draw and remove edges without a pointer. */
export function LeadsTo({
  node,
  graph,
  catalogue,
  readOnly,
  onConnect,
  onDisconnect,
}: {
  node: FlowNode;
  graph: Graph;
  catalogue: Catalogue;
  readOnly: boolean;
  onConnect: (port: string, to: string) => void;
  onDisconnect: (edgeId: string) => void;
}) {
  const t = useWords();
  const type = catalogue.get(node.data.type);
  const ports = type ? allPortsOf(node.data.config, type) : [];
  const names = new Map(graph.nodes.map((n) => [n.id, n.data.name]));
  if (ports.length === 0) return null;
  return (
    <section className={css.leads} aria-label={t('leads.title')}>
      <h3>{t('leads.title')}</h3>
      {ports.map((port) => {
        const out = graph.edges.filter((e) => e.source === node.id && e.sourceHandle === port.id);
        const open = graph.nodes.filter(
          (n) => refusal({ source: node.id, sourceHandle: port.id, target: n.id }, graph, catalogue) === null,
        );
        return (
          <div key={port.id} className={css.port}>
            <span>{ports.length > 1 ? port.label : t('leads.then')}</span>
            <ul>
              {out.map((e) => (
                <li key={e.id}>
                  <IconArrowRight size={13} aria-hidden="true" />
                  <span>{names.get(e.target)}</span>
                  {!readOnly && (
                    <ActionIcon
                      size={24}
                      aria-label={t('leads.remove', { name: names.get(e.target) })}
                      onClick={() => onDisconnect(e.id)}
                    >
                      <IconX size={13} />
                    </ActionIcon>
                  )}
                </li>
              ))}
            </ul>
            {!readOnly && open.length > 0 && (
              <Select
                aria-label={t('leads.connect', { port: port.label })}
                placeholder={t('leads.placeholder')}
                value={null}
                searchable
                data={open.map((n) => ({ value: n.id, label: `${n.data.name} (${n.id})` }))}
                onChange={(to) => {
                  if (to) onConnect(port.id, to);
                }}
              />
            )}
            {out.length === 0 && (readOnly || open.length === 0) && (
              <span className={css.none}>{t('leads.none')}</span>
            )}
          </div>
        );
      })}
    </section>
  );
}
