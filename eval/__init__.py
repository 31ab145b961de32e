"""How good it is: question files, measures, runs, comparisons and their reports."""
