import type { Block, Certificate, Fact } from '@chronos/certificate';
import { QrCode } from './qr-code.js';

/** A certificate as a page to read and to print; the PDF sets the same blocks. */
export function Sheet({ certificate }: { certificate: Certificate }) {
  const { language, title, claim, warning, sections, scan, proof } = certificate;
  return (
    <article class="certificate" lang={language} aria-label={title}>
      <header class="certificate-top">
        <div>
          <p class="certificate-brand">Chronos</p>
          <h2 class="certificate-title">{title}</h2>
          <p>{claim.lead}</p>
          <p class="certificate-time">{claim.utc}</p>
          {claim.local === undefined ? null : <p class="muted">{claim.local}</p>}
        </div>
        <figure class="certificate-scan">
          <QrCode modules={scan.modules} alt={scan.alt} />
          <figcaption>
            <strong>{scan.title}</strong> {scan.text}
          </figcaption>
        </figure>
      </header>
      {warning === undefined ? null : (
        <p class="note caution">
          <strong>{warning}</strong>
        </p>
      )}
      {sections.map(({ id, title: heading, blocks }) => (
        <section key={id} class={`certificate-section of-${id}`}>
          <h3>{heading}</h3>
          {blocks.map((block, index) => (
            <BlockOf key={index} block={block} />
          ))}
        </section>
      ))}
      <section class="certificate-section">
        <h3>{proof.title}</h3>
        <p>{proof.text}</p>
        <pre class="certificate-code" tabIndex={0} aria-label={proof.title}>
          {proof.json}
        </pre>
      </section>
    </article>
  );
}

function BlockOf({ block }: { block: Block }) {
  switch (block.kind) {
    case 'paragraph':
      return <p>{block.text}</p>;
    case 'heading':
      return <h4>{block.text}</h4>;
    case 'list':
      return (
        <ul class="certificate-list">
          {block.items.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      );
    case 'facts':
      return (
        <dl class="facts">
          {block.rows.map((row) => (
            <FactOf key={row.label} row={row} />
          ))}
        </dl>
      );
    case 'commands':
      return (
        <pre class="certificate-code" tabIndex={0} aria-label={block.lines[0]}>
          {block.lines.join('\n')}
        </pre>
      );
  }
}

function FactOf({ row: { label, value, note, mono, link } }: { row: Fact }) {
  const shown = mono === true ? <code>{value}</code> : <bdi>{value}</bdi>;
  return (
    <>
      <dt>{label}</dt>
      <dd>
        {link === undefined ? (
          shown
        ) : (
          <a href={link} rel="noreferrer">
            {shown}
          </a>
        )}
        {note === undefined ? null : (
          <>
            <br />
            <small class="muted">{note}</small>
          </>
        )}
      </dd>
    </>
  );
}
