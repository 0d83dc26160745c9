from claims.directory import file
from engagements.management.file_import import FileImport


class Command(FileImport):
    help = "Load customers and their IDs into the directory: all of a file, or nothing of it."
    load = staticmethod(file.load)
