/** The seed of the properties that print it: LIGHTHOUSE_COMPAT_SEED, or a new one each run. */
export function printedSeed(title: string): number {
  const given = process.env['LIGHTHOUSE_COMPAT_SEED'];
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  process.stdout.write(`${title}: seed ${seed} (LIGHTHOUSE_COMPAT_SEED=${seed} repeats it)\n`);
  return seed;
}
