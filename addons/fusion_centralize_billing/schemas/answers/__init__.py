"""What the API answers, exactly: every key is there, null where it has no value."""
