"""How we find it: encoder, keyword index, vector index, their fusion, and the index on disk."""
