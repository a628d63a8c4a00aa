"""The rules of the house that no linter knows, each with a proof that it can fail."""
