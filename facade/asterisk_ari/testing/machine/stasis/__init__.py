"""What ARI controls: channels in applications, their commands, and bridges."""
