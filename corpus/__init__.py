"""What we hold: documents, their sections with period and status, and the passages cut from them."""
