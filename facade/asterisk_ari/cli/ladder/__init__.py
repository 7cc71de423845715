"""`asterisk-ari ladder`, `record` and `replay`: what happened kept in a file, drawn as a diagram, and served again."""
