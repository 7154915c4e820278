import { useId, useState } from 'preact/hooks';
import { useMessages } from '../i18n/language.js';
import { chainTitle } from './chain-title.js';
import { chooseEndpoints, endpointFault, endpointsOf, forgetEndpoints, isChosen, splitEndpoints } from './endpoints.js';

/** Which nodes are asked about each chain: there to be seen, and to be changed. */
export function Endpoints({ chains, onChange }: { chains: readonly string[]; onChange: () => void }) {
  const { verify: words } = useMessages();
  return (
    <section class="card stack" aria-labelledby="endpoints">
      <h2 id="endpoints">{words.endpoints}</h2>
      <p class="muted">{words.endpointsNote}</p>
      {chains.map((chain) => (
        <EndpointField key={chain} chain={chain} onChange={onChange} />
      ))}
      <p class="muted">
        <small>{words.trust}</small>
      </p>
    </section>
  );
}

function EndpointField({ chain, onChange }: { chain: string; onChange: () => void }) {
  const { verify: words, common } = useMessages();
  const [text, setText] = useState(endpointsOf(chain).join(' '));
  const [fault, setFault] = useState<string>();
  const id = useId();
  const use = (endpoints: readonly string[]) => {
    setText(endpoints.join(' '));
    setFault(undefined);
    onChange();
  };
  return (
    <form
      class="field"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const urls = splitEndpoints(text);
        for (const url of urls) {
          const kind = endpointFault(url);
          if (kind === undefined) continue;
          setFault(words.endpointFaults[kind](url));
          return;
        }
        if (urls.length === 0) forgetEndpoints(chain);
        else chooseEndpoints(chain, urls);
        use(endpointsOf(chain));
      }}
    >
      <label for={id}>{words.endpointsOf(chainTitle(chain, common))}</label>
      <input
        id={id}
        class="input mono"
        type="text"
        inputMode="url"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={text}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-hint ${id}-fault`}
        onInput={(event) => {
          setText(event.currentTarget.value);
        }}
      />
      <p class="hint" id={`${id}-hint`}>
        {words.endpointsHint}
      </p>
      <p class="field-fault" id={`${id}-fault`} role="alert">
        {fault}
      </p>
      <div class="row">
        <button type="submit" class="button small">
          {words.endpointsSave}
        </button>
        {isChosen(chain) ? (
          <button
            type="button"
            class="button small quiet"
            onClick={() => {
              forgetEndpoints(chain);
              use(endpointsOf(chain));
            }}
          >
            {words.endpointsReset}
          </button>
        ) : null}
      </div>
    </form>
  );
}
