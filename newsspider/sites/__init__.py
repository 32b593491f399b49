"""What is said about single sites: by site files, and by an operator."""
