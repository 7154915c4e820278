import { explorerLink } from '@chronos/shared';
import { useMessages } from '../i18n/language.js';

/** A transaction's id, shortened for the eye, with a link to where people can look at it if there is such a place. */
export function AnchorLink({ anchor }: { anchor: { chain: string; transaction: string } }) {
  const { common } = useMessages();
  const { transaction } = anchor;
  const href = explorerLink(anchor);
  const short = `${transaction.slice(0, 10)}…${transaction.slice(-6)}`;
  if (href === undefined) return <code title={transaction}>{short}</code>;
  return (
    <a href={href} title={`${transaction}, ${common.opensElsewhere}`} rel="noreferrer">
      <code>{short}</code>
    </a>
  );
}
