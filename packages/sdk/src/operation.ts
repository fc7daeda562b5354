/** The operations whose version is selected call by call. */
export type Operation = 'new_payload' | 'forkchoice_updated' | 'get_payload';
