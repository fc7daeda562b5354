/** The place of a value among a label's; a number of its own type, so that no label's place is taken for another's. */
export type Place<V extends string> = number & { readonly placeOf?: V };

/** A label and every value that it can have: a metric has room for these and no others, so that nothing that comes in from outside makes it grow. */
export type Label<V extends string = string> = {
  readonly name: string;
  readonly values: readonly V[];
  /** That of the label's `other` where the value is none of the label's, and -1, which nothing counts, where there is no other. */
  placeOf(value: V): Place<V>;
};

/** Makes a label from a table, so that a value that its type gains does not compile until it stands here; `other` is the value that stands for whatever else may come. */
export function label<V extends string>(name: string, values: Readonly<Record<V, true>>, other?: NoInfer<V>): Label<V> {
  const list = Object.keys(values) as V[];
  const places = new Map<string, number>(list.map((value, place) => [value, place]));
  const otherPlace = other === undefined ? -1 : list.indexOf(other);
  return { name, values: list, placeOf: (value) => places.get(value) ?? otherPlace };
}

type ValueOf<L extends Label> = L['values'][number];

/** One value of each label, in the order of the labels. */
export type LabelValues<L extends readonly Label[]> = { readonly [K in keyof L]: ValueOf<L[K]> };

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

  /** By position, since an array of places would be made for each call; below 0 where a place is. */
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
