import { PageHeading } from '../components/heading.js';
import { useMessages } from '../i18n/language.js';

export function StampPage() {
  const { titles, shell } = useMessages();
  return (
    <div class="stack">
      <PageHeading title={titles.stamp} />
      <p>{shell.promise}</p>
    </div>
  );
}
