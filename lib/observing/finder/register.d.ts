/** Starts the finder in this thread, with the options in the variable CONTEXT_FINDER: docs/finding-losses.md. */
export {};
