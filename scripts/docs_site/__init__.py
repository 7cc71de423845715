"""The documentation site: pages made of the project's own facts, and what looks at the site when it is built."""
