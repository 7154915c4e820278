import type { Anchor } from '@chronos/shared';
import { utc } from '../i18n/format.js';
import { useFormats, useMessages } from '../i18n/language.js';
import { chainTitle, chainWarning } from '../verifying/chain-title.js';
import { AnchorLink } from './anchor-link.js';
import { CopyButton } from './copy-button.js';

/** What a final anchor says, as the sentence that people want, and where it stands. */
export function ProofFacts({ anchor }: { anchor: Anchor }) {
  const { facts, common } = useMessages();
  const formats = useFormats();
  const { block, chain, transaction } = anchor;
  const warning = chainWarning(chain, common);
  const local = formats.localTime(block.time);
  return (
    <div class="stack-small">
      <p class="existed">
        {facts.existed} <strong>{local}</strong>
        <span class="existed-utc">
          <time dateTime={block.time}>{utc(block.time)}</time>
          <CopyButton text={facts.sentence(local, utc(block.time))} what={facts.theSentence} />
        </span>
      </p>
      {warning === undefined ? null : <p class="note caution">{warning}</p>}
      <dl class="facts">
        <dt>{facts.chain}</dt>
        <dd>
          {chainTitle(chain, common)}, {facts.block(formats.number(block.number))}
        </dd>
        <dt>{facts.transaction}</dt>
        <dd class="row">
          <AnchorLink anchor={anchor} />
          <CopyButton text={transaction} what={facts.transaction} />
        </dd>
      </dl>
    </div>
  );
}
