"""The page for visitors: asking with cited answers, indicators over the years, the documents and their reader."""
