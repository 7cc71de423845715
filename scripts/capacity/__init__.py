"""What a deployment can bear: unit costs measured on a real Asterisk and a real NATS, a model and a simulation made of them."""
