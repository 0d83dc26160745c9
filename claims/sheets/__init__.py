"""Claims from a sheet: many customers claimed at once, each row judged as the Add customer wizard would (BEY-4)."""
