"""Starting the program: the command line, the processes and their supervisor, resources, metrics, the demo."""
