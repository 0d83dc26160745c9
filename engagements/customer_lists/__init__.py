"""Lists of eligible customers brought as files: read row by row, taken as a whole or not at all (ENG-8)."""
