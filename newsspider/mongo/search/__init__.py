"""What a search reads of MongoDB, and the searches that are kept there."""
