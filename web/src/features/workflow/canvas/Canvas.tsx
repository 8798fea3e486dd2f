import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import {
  Background,
  BackgroundVariant,
  Controls,
  type Edge,
  MiniMap,
  ReactFlow,
  type ReactFlowProps,
} from '@xyflow/react';
import { type ReactNode, type RefObject, useMemo, useState } from 'react';
import { onTelephone } from '@/shared/lib/telephone';
import type { Catalogue, FlowNode } from '../graph';
import { useWords } from '../words';
import css from './Canvas.module.css';
import { CanvasData, type MarkStore } from './marks';
import { WorkflowNodeView } from './WorkflowNode';

const nodeTypes = { workflow: WorkflowNodeView };
const defaultEdgeOptions = { type: 'smoothstep', pathOptions: { borderRadius: 10, offset: 14 } } as const;
/** How the whole drawing is shown; on a telephone it stays above the controls, beside which there is no room. */
export const fit = () => ({
  padding: onTelephone() ? ({ x: 0.06, top: 0.06, bottom: '52px' } as const) : 0.06,
  maxZoom: 1,
  minZoom: 0.5,
});

type Handlers = Pick<
  ReactFlowProps<FlowNode, Edge>,
  | 'onNodesChange'
  | 'onEdgesChange'
  | 'onConnect'
  | 'onConnectEnd'
  | 'isValidConnection'
  | 'onNodeDragStart'
  | 'onNodeDragStop'
  | 'onNodeClick'
  | 'onPaneClick'
  | 'onMoveStart'
>;

/** The drawing of a workflow, the same while building and while watching a run; without `onConnect` nothing can be changed. */
export function Canvas({
  nodes,
  edges,
  catalogue,
  marks,
  box,
  children,
  ...handlers
}: {
  nodes: FlowNode[];
  edges: Edge[];
  catalogue: Catalogue;
  marks: MarkStore;
  box?: RefObject<HTMLElement | null>;
  children?: ReactNode;
} & Handlers) {
  const t = useWords();
  const [whole] = useState(fit);
  const scheme = useComputedColorScheme('dark');
  const data = useMemo(() => ({ catalogue, marks }), [catalogue, marks]);
  const editable = handlers.onConnect !== undefined;
  const labels = useMemo(
    () => ({
      'node.a11yDescription.default': t(editable ? 'canvas.nodeHelp' : 'canvas.nodeHelpRead'),
      'edge.a11yDescription.default': t(editable ? 'canvas.edgeHelp' : 'canvas.edgeHelpRead'),
      'controls.ariaLabel': t('canvas.controls'),
      'minimap.ariaLabel': t('canvas.minimap'),
    }),
    [t, editable],
  );
  return (
    <section className={css.canvas} ref={box} data-testid="canvas" aria-label={t('canvas.label')}>
      <CanvasData.Provider value={data}>
        <ReactFlow<FlowNode, Edge>
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          colorMode={scheme}
          defaultEdgeOptions={defaultEdgeOptions}
          nodesDraggable={editable}
          nodesConnectable={editable}
          edgesReconnectable={false}
          onlyRenderVisibleElements={nodes.length > 150}
          fitView
          fitViewOptions={whole}
          minZoom={0.15}
          snapToGrid
          snapGrid={[8, 8]}
          deleteKeyCode={null}
          ariaLabelConfig={labels}
          {...handlers}
        >
          <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--grid-dot)" />
          <Controls showInteractive={false} position="bottom-left" />
          {nodes.length > 15 && nodes.length <= 300 && (
            <MiniMap
              pannable
              zoomable
              position="bottom-right"
              nodeColor="var(--border-strong)"
              maskColor="color-mix(in srgb, var(--bg) 70%, transparent)"
              className={css.minimap}
            />
          )}
        </ReactFlow>
      </CanvasData.Provider>
      {children}
    </section>
  );
}
