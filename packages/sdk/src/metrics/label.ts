/** The place of a value among a label's; a number of its own type, so that no label's place is taken for another's. */
type Place<V extends string> = number & { readonly placeOf?: V };

type Bounded<V extends string> = {
  readonly name: string;
  /** How many values it has at most at a time. */
  readonly most: number;
  /** The value that is told for a text; null where there is none. */
  told(text: string): V | null;
};

/** A label and every value that it can have: a metric has room for these and no others, so that nothing that comes in from outside makes it grow. */
export type Label<V extends string = string> = Bounded<V> & {
  readonly values: readonly V[];
  /** That of the label's `other` where the value is none of the label's, and -1, which nothing counts, where there is no other. */
  placeOf(value: V): Place<V>;
};

/** Makes a label from a table, so that a value that its type gains does not compile until it stands here; `other` is the value that stands for whatever else may come. */
export function label<V extends string>(name: string, values: Readonly<Record<V, true>>, other?: NoInfer<V>): Label<V> {
  const list = Object.keys(values) as V[];
  const places = new Map<string, number>(list.map((value, place) => [value, place]));
  const otherPlace = other === undefined ? -1 : list.indexOf(other);
  const placeOf = (value: string): number => places.get(value) ?? otherPlace;
  return { name, most: list.length, told: (text) => list[placeOf(text)] ?? null, values: list, placeOf };
}

/** A label whose values are names that a person gives: there are at most so many at a time, each of one form, and one that is no longer in use is told no more. For what is read at the scrape only, where nothing is kept of a name. */
export type NameLabel = Bounded<string> & {
  /** Which names, how many and of what form, for docs/metrics.md. */
  readonly meaning: string;
};

/** Makes a label of names. */
export function nameLabel(
  name: string,
  { most, isName, meaning }: { most: number; isName: (text: string) => boolean; meaning: string },
): NameLabel {
  return { name, most, told: (text) => (isName(text) ? text : null), meaning };
}

/** A label, of whichever kind. */
export type AnyLabel = Label | NameLabel;

type ValueOf<L extends AnyLabel> = L extends Bounded<infer V> ? V : never;

/** One value of each label, in the order of the labels. */
export type LabelValues<L extends readonly AnyLabel[]> = { readonly [K in keyof L]: ValueOf<L[K]> };

/** The place of one value of each label, in the order of the labels. */
export type Places<L extends readonly Label[]> = { readonly [K in keyof L]: Place<ValueOf<L[K]>> };

/** The labels of one combination, as Prometheus clients name them. */
export type LabelSet = Readonly<Record<string, string>>;

const maxLabels = 4;

/** Every combination of the values of at most four labels, laid out in one row: what is counted of each stands at its index. */
export class LabelSpace {
  readonly size: number;
  readonly #labels: readonly Label[];
  readonly #second: number;
  readonly #third: number;
  readonly #fourth: number;

  constructor(labels: readonly Label[]) {
    if (labels.length > maxLabels) throw new RangeError(`at most ${maxLabels} labels`);
    const [first = 1, second = 1, third = 1, fourth = 1] = labels.map(({ values }) => values.length);
    this.#labels = labels;
    this.#second = second;
    this.#third = third;
    this.#fourth = fourth;
    this.size = first * second * third * fourth;
  }

  /** By position, so that no array is made of them; below 0 where a place is. */
  indexOf(first = 0, second = 0, third = 0, fourth = 0): number {
    if ((first | second | third | fourth) < 0) return -1;
    return ((first * this.#second + second) * this.#third + third) * this.#fourth + fourth;
  }

  /** The combination at an index. */
  at(index: number): LabelSet {
    const entries: [string, string][] = [];
    let rest = index;
    for (const { name, values } of this.#labels.toReversed()) {
      entries.unshift([name, values[rest % values.length] as string]);
      rest = Math.floor(rest / values.length);
    }
    return Object.fromEntries(entries);
  }
}
