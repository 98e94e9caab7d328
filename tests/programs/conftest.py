"""These are whole programs, which test_documents_programs.py runs; they hold no tests themselves."""

collect_ignore_glob = ["p*.py"]
