"""The questions to PyTorch, by subject."""
