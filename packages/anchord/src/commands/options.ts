/** What `--scilla` chooses, wherever it stands. */
export const ON_NATIVE = "on Zilliqa's native side (Scilla)";
