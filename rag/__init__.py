"""How we answer: reading the question, finding evidence in time, composing, citing, refusing."""
