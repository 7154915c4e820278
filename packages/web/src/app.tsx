import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Shell } from './components/shell.js';
import { useMessages } from './i18n/language.js';
import { NotFoundPage } from './pages/not-found.js';
import { StampPage } from './pages/stamp.js';
import { type Route, useRoute } from './router.js';

type Page = ComponentType<{ route: Route }>;

/** The pages that are fetched when they are gone to; the start is there at once. */
const FETCHED: Readonly<Partial<Record<Route['page'], () => Promise<Page>>>> = {
  verify: async () => (await import('./pages/verify.js')).VerifyPage,
  certificate: async () => (await import('./pages/certificate.js')).CertificatePage,
  digest: async () => (await import('./pages/digest.js')).DigestPage,
  status: async () => (await import('./pages/status.js')).StatusPage,
};
const AT_HAND: Readonly<Partial<Record<Route['page'], Page>>> = { stamp: StampPage, 'not-found': NotFoundPage };

export function App() {
  const route = useRoute();
  const Page = usePage(route.page);
  useFocusOnChange(Page === undefined ? undefined : JSON.stringify(route));
  return <Shell>{Page === undefined ? <Loading /> : <Page key={JSON.stringify(route)} route={route} />}</Shell>;
}

function usePage(name: Route['page']): Page | undefined {
  const [fetched, setFetched] = useState<Readonly<Partial<Record<Route['page'], Page>>>>(AT_HAND);
  const page = fetched[name];
  useEffect(() => {
    if (page !== undefined) return;
    void FETCHED[name]?.().then((Page) => {
      setFetched((others) => ({ ...others, [name]: Page }));
    });
  }, [name, page]);
  return page;
}

/** A change of page moves the focus to its heading, so that a screen reader says where one is; the first page keeps the browser's focus. */
function useFocusOnChange(shown: string | undefined): void {
  const before = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (shown === undefined) return;
    if (before.current !== undefined && before.current !== shown) {
      document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    }
    before.current = shown;
  }, [shown]);
}

function Loading() {
  const { common } = useMessages();
  return (
    <p class="muted" role="status">
      {common.loading}
    </p>
  );
}
