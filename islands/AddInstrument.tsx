import * as z from "zod/mini";
import { useCombobox } from "./combobox.ts";

const Props = z.object({
  /** The page that takes what is added, and what it shows already. */
  action: z.string(),
  fields: z.array(z.tuple([z.string(), z.string()])),
  /** What is said behind the field. */
  note: z.string(),
});

/** A field that adds an instrument to a comparison: the form is sent with what was typed or chosen. */
export default function AddInstrument(props: z.infer<typeof Props>) {
  const { action, fields, note } = Props.parse(props);
  const { input, suggestions } = useCombobox({
    id: "add",
    label: "Instruments to add",
    choose: (slug, field) => {
      field.value = slug;
      field.form?.requestSubmit();
    },
  });
  return (
    <form class="add-instrument" action={action} aria-label="Add an instrument">
      {fields.map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />)}
      <label for="add" class="visually-hidden">Instrument to add</label>
      <div class="add-field">
        <input
          {...input}
          name="add"
          maxLength={100}
          required
          placeholder="Symbol or name"
          aria-describedby="add-note"
        />
        {suggestions}
      </div>
      <button class="button" type="submit">Add</button>
      <span id="add-note" class="muted">{note}</span>
    </form>
  );
}
