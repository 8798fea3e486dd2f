import type { Page } from '@playwright/test';

/**
 * Controls that cannot be pressed because something lies over their middle, or because the page cuts them off where
 * nobody can scroll to them. The canvas is left out: there, nodes may lie under others. What the topmost open dialog
 * covers is covered on purpose; its own controls are not.
 */
export function covered(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const out: string[] = [];
    const modal = [...document.querySelectorAll('[role="dialog"][aria-modal="true"]')]
      .filter((dialog) => dialog.checkVisibility({ visibilityProperty: true }))
      .at(-1)
      ?.closest('.mantine-Modal-root, .mantine-Drawer-root');
    for (const control of document.querySelectorAll('a[href], button, input, select, textarea, [role="combobox"]')) {
      if (control.closest('.react-flow, [aria-hidden="true"], [inert]')) continue;
      const box = control.getBoundingClientRect();
      const style = getComputedStyle(control);
      if (box.width < 2 || box.height < 2 || style.visibility === 'hidden' || style.opacity === '0') continue;
      const x = box.left + box.width / 2;
      const y = box.top + box.height / 2;
      const name = () =>
        `${control.tagName.toLowerCase()} "${(control.getAttribute('aria-label') ?? control.textContent ?? '').trim().slice(0, 40)}"`;
      if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) {
        // Out of sight is fine where one can scroll to it; the frame itself never scrolls.
        let parent = control.parentElement;
        let reachable = false;
        for (; parent; parent = parent.parentElement) {
          const s = getComputedStyle(parent);
          const sideways = x < 0 || x >= innerWidth;
          const overflow = sideways ? s.overflowX : s.overflowY;
          if (/auto|scroll/.test(overflow)) reachable = true;
        }
        if (!reachable && !control.matches('.skip')) out.push(`${name()} is out of reach`);
        continue;
      }
      const at = document.elementFromPoint(x, y);
      if (!at || control.contains(at) || at.contains(control)) continue;
      if (modal?.contains(at) && !modal.contains(control)) continue;
      // Scrolled under a sticky head or out of a region's window: the region brings it back.
      let clipped = false;
      for (let p = control.parentElement; p; p = p.parentElement) {
        const s = getComputedStyle(p);
        if (!/auto|scroll|hidden/.test(s.overflowX + s.overflowY)) continue;
        const r = p.getBoundingClientRect();
        if (x < r.left || x > r.right || y < r.top || y > r.bottom) clipped = true;
      }
      const label = control.closest('label');
      if (clipped || label?.contains(at) || at.closest('[data-floating]')) continue;
      out.push(`${name()} lies under ${at.tagName.toLowerCase()}.${String(at.className).slice(0, 40)} "${(at.textContent ?? '').trim().slice(0, 30)}"`);
    }
    return out;
  });
}
