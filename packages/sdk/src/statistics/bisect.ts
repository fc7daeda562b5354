/** Gives a place at or beyond `inside`, towards `outside`, at which `isBeyond` holds and which no nearer one can be told from; it holds from some place on. `outside` is taken at its word. */
export function firstBeyond(inside: number, outside: number, isBeyond: (place: number) => boolean): number {
  let [near, far] = [inside, outside];
  // After so many halvings the two are neighbours, or both next to 0.
  for (let halvings = 0; halvings < 120; halvings += 1) {
    const middle = near + (far - near) / 2;
    if (middle === near || middle === far) break;
    if (isBeyond(middle)) far = middle;
    else near = middle;
  }
  return far;
}
