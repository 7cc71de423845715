"""From a frame to those who want its event: decoding, matching, registrations, per-call queues, routing."""
