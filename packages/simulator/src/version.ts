/** Rises whenever the same spec would render different pixels; what older simulators rendered is then rendered anew. */
export const simulatorVersion = 3;
