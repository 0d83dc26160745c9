from claims import directory_file
from engagements.management.file_import import FileImport


class Command(FileImport):
    help = "Load customers and their IDs into the directory: all of a file, or nothing of it."
    load = staticmethod(directory_file.load)
