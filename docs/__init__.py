"""What is told of the project, and the scripts that make those pages which the code itself can tell."""
