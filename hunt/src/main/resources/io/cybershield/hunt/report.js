'use strict';
(() => {
  const root = document.documentElement;
  const scheme = document.getElementById('scheme');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.scheme ?? (dark.matches ? 'dark' : 'light')) === 'dark';
  const name = () => { scheme.textContent = isDark() ? 'Light colours' : 'Dark colours'; };
  scheme.hidden = false;
  name();
  dark.addEventListener('change', name);
  scheme.addEventListener('click', () => { root.dataset.scheme = isDark() ? 'light' : 'dark'; name(); });

  const open = () => {
    const target = location.hash.startsWith('#rule-') && document.getElementById(location.hash.slice(1));
    if (target) { target.open = true; target.scrollIntoView(); }
  };
  addEventListener('hashchange', open);
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#rule-"]');
    if (link && link.getAttribute('href') === location.hash) open();
  });
  open();

  const filter = document.getElementById('filter');
  if (!filter) return;
  filter.closest('.filter').hidden = false;
  const rows = [...document.querySelectorAll('.rows tbody tr')];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const levels = [...document.querySelectorAll('.filter input[type=checkbox]')];
  const shown = document.getElementById('shown');
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(levels.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    rows.forEach((row, i) => {
      const on = wanted.has(row.dataset.level) && words.every((word) => texts[i].includes(word));
      row.hidden = !on;
      count += on ? 1 : 0;
    });
    shown.textContent = count === rows.length ? '' : `${count.toLocaleString('en')} of ${rows.length.toLocaleString('en')}`;
  };
  filter.addEventListener('input', apply);
  levels.forEach((box) => box.addEventListener('change', apply));
})();
