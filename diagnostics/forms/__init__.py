"""What people fill in. Fields carry the kit's classes, and say what is wrong beside the field."""
