from engagements import catalogue
from engagements.management.file_import import FileImport


class Command(FileImport):
    help = "Load the catalogue of engagements (engagements/data/README.md): all of a file, or nothing of it."
    load = staticmethod(catalogue.load)
