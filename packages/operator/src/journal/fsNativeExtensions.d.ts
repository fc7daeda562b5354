declare module 'fs-native-extensions' {
  /** Locks an open file for this open file description alone, without waiting; false where another one has it. The system lets it go when the descriptor is closed, also by the death of its process. */
  export function tryLock(fd: number): boolean;
}
