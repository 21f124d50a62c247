"""What users submit: URLs, lists of them, and local documents."""
