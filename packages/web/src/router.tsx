import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** What an address shows. */
export type Route =
  { page: 'stamp' | 'verify' | 'certificate' | 'status' | 'not-found' } | { page: 'digest'; digest: string };

const FIXED: Readonly<Record<string, Exclude<Route['page'], 'digest'>>> = {
  '/': 'stamp',
  '/verify': 'verify',
  '/certificate': 'certificate',
  '/status': 'status',
};

export function routeOf(path: string): Route {
  const fixed = Object.hasOwn(FIXED, path) ? FIXED[path] : undefined;
  if (fixed !== undefined) return { page: fixed };
  const digest = /^\/d\/([0-9a-f]{64})$/.exec(path)?.[1];
  return digest === undefined ? { page: 'not-found' } : { page: 'digest', digest };
}

/** Goes to an address of the page without loading it anew. */
export function navigate(href: string): void {
  if (href === location.pathname + location.search) return;
  history.pushState(null, '', href);
  scrollTo(0, 0);
  dispatchEvent(new PopStateEvent('popstate'));
}

export function useRoute(): Route {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const onMove = () => {
      setPath(location.pathname);
    };
    addEventListener('popstate', onMove);
    return () => {
      removeEventListener('popstate', onMove);
    };
  }, []);
  return routeOf(path);
}

/** A link within the page; held with a key, or to a new tab, it is an ordinary one. */
export function Link({ href, children, ...rest }: { href: string; children: ComponentChildren; class?: string }) {
  const current = location.pathname === href;
  return (
    <a
      {...rest}
      href={href}
      aria-current={current ? 'page' : undefined}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        navigate(href);
      }}
    >
      {children}
    </a>
  );
}
