import { PageHeading } from '../components/heading.js';
import { useMessages } from '../i18n/language.js';
import { Link } from '../router.js';

export function NotFoundPage() {
  const { titles, notFound } = useMessages();
  return (
    <div class="stack">
      <PageHeading title={titles.notFound} />
      <p>{notFound.text}</p>
      <p>
        <Link href="/" class="button">
          {notFound.home}
        </Link>
      </p>
    </div>
  );
}
