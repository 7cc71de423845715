"""Audio to and from a call, without I/O: formats, what is said when and heard how far, and the three ways' bytes."""
