import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

/** The heading of a page, which also names the tab, and takes the focus when the page is gone to. */
export function PageHeading({ title, children }: { title: string; children?: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · Chronos`;
  }, [title]);
  return <h1 tabIndex={-1}>{children ?? title}</h1>;
}
