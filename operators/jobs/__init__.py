"""Long work of operators: jobs in rows, which any process of the console runs, continues, shows and stops."""
