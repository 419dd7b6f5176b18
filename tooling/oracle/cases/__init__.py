"""What PyTorch is asked, by subject."""
