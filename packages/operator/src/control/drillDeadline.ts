/** How long a drill may take in milliseconds, which waits for v4's engine: the longest that a plan allows for a verification, and what is around it. */
export const drillDeadlineMs = 330_000;
