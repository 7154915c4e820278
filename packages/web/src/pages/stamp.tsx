import { useState } from 'preact/hooks';
import { DigestForm } from '../components/digest-form.js';
import { DropZone } from '../components/drop-zone.js';
import { PageHeading } from '../components/heading.js';
import { StampList } from '../components/stamp-list.js';
import { Switch } from '../components/switch.js';
import { useMessages } from '../i18n/language.js';
import { PROOF_SUFFIX } from '../proof-file.js';
import { verifyThere } from '../verifying/handover.js';
import { useDeviceStamps } from '../stamping/device-stamps.js';

/** The start: stamp files, folders and digests, and see what became of them. */
export function StampPage() {
  const { titles, stamp: words, drop, digestForm } = useMessages();
  const stamps = useDeviceStamps();
  const [blind, setBlind] = useState(false);
  return (
    <div class="stamp-page">
      <div class="stack lead">
        <PageHeading title={titles.stamp} />
        <p>{words.lead}</p>
      </div>
      <section class="stack-small" aria-label={words.section}>
        <DropZone
          words={drop}
          isCompact={stamps.items.length > 0}
          onFiles={(files) => {
            // A proof is to be verified, together with the document if that came with it.
            if (files.some(({ name }) => name.endsWith(PROOF_SUFFIX))) verifyThere(files.map(({ file }) => file));
            else stamps.addFiles(files, { blind });
          }}
        />
        <p class="promise">{words.promise}</p>
        <div class="stamp-options">
          <Switch label={words.blind} hint={words.blindHint} on={blind} onChange={setBlind} />
          <DigestForm
            words={digestForm}
            onDigests={(digests) => {
              stamps.addDigests(digests, { blind });
            }}
          />
        </div>
      </section>
      <StampList stamps={stamps} />
      {stamps.items.length === 0 ? <HowItWorks /> : null}
    </div>
  );
}

function HowItWorks() {
  const { stamp: words } = useMessages();
  return (
    <section class="stack" aria-labelledby="how">
      <h2 id="how">{words.how}</h2>
      <ol class="how">
        {words.steps.map(({ title, text }) => (
          <li key={title} class="stack-small">
            <h3>{title}</h3>
            <p class="muted">{text}</p>
          </li>
        ))}
      </ol>
      <p class="muted">{words.notProved}</p>
    </section>
  );
}
