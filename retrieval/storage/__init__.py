"""An index on disk: generations, files without pickle, and libraries as one file."""
