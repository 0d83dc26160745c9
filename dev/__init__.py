"""The launcher behind run.py: prepares a machine, then runs or tests the portal. Standard library only."""
