"""What changes on channels, devices and endpoints, and the events that say so."""
