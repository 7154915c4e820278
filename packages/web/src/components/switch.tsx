import { useId } from 'preact/hooks';

/** Something that is on or off, with a sentence about what that means. */
export function Switch(props: { label: string; hint: string; on: boolean; onChange: (on: boolean) => void }) {
  const { label, hint, on, onChange } = props;
  const id = useId();
  return (
    <div class="switch">
      <input
        id={id}
        type="checkbox"
        role="switch"
        checked={on}
        aria-describedby={`${id}-hint`}
        onChange={(event) => {
          onChange(event.currentTarget.checked);
        }}
      />
      <div>
        <label for={id}>{label}</label>
        <p id={`${id}-hint`} class="muted">
          <small>{hint}</small>
        </p>
      </div>
    </div>
  );
}
